# Needs Python 3.11 or newer (with venv) and make. `make help` lists the targets.
.PHONY: help setup demo journey pictures faults test check bench reset servers manage lock vendor
.DEFAULT_GOAL := help
SHELL := /bin/sh
DEVSTACK := .venv/bin/python -m pod_hub.devstack
COMPILE := .tools/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  ARGS passes arguments on:   make test ARGS="-k intake"     make manage ARGS="find_order 302-1234567-1234567"'
	@echo '  Variables of make demo:     PORT, AMAZON_PORT, TIKTOK_PORT, MAILBOX_PORT, SMTP_PORT, STORAGE_PORT, HOST, TIME_FACTOR, DATABASE_URL + DATABASE_OWNER_URL, REDIS_URL (docs/devstack.md)'

setup: ## install what is needed into .tools and .venv; quick when nothing changed
	@sh bin/setup

demo: setup ## run the whole hub with demo data and imitations of Amazon and TikTok Shop until Ctrl-C
	@exec $(DEVSTACK) demo

journey: setup ## walk one order through the real processes, without a browser
	@exec $(DEVSTACK) journey

pictures: setup ## take the pictures of README and docs again (needs Chromium)
	@exec $(DEVSTACK) pictures

faults: setup ## kill, freeze and cut off parts of the hub under load: make faults ARGS="F1 F6 --seed 7"
	@exec $(DEVSTACK) faults $(ARGS)

test: setup ## run the tests on fresh servers
	@exec $(DEVSTACK) test $(ARGS)

check: setup ## format, lint, types, import arrow, templates, settings, migrations
	@exec $(DEVSTACK) check $(ARGS)

bench: setup ## measure on fresh, durable servers: make bench ARGS="a c --quick"; --write renews docs/performance.md
	@exec $(DEVSTACK) bench $(ARGS)

reset: setup ## delete the demo's data (refused while it runs)
	@exec $(DEVSTACK) reset

servers: setup ## run PostgreSQL and Valkey alone until Ctrl-C
	@exec $(DEVSTACK) servers

manage: setup ## run a management command: make manage ARGS="check"
	@exec $(DEVSTACK) manage $(ARGS)

lock: setup ## write the locks again from pyproject.toml; newest versions: make lock ARGS=--upgrade
	@$(COMPILE) $(ARGS) --extra demo --extra dev --output-file requirements.lock pyproject.toml
	@$(COMPILE) --constraint requirements.lock --output-file requirements-production.lock pyproject.toml
	@echo 'uv==0.13.9' | $(COMPILE) --output-file requirements-uv.lock -

vendor: ## renew the vendored browser files from frontend/package-lock.json (needs Node)
	@python3 frontend/vendor.py
