# The production image: the hub without its development stack, tests and imitation marketplaces. docker-compose.yml shows every way it is run.
FROM python:3.11-slim AS packages
WORKDIR /hub
# PIP and uv take what the locks name, with its hash, and nothing else.
COPY requirements-uv.lock requirements-production.lock ./
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --require-hashes -r requirements-uv.lock \
    && /opt/uv/bin/uv venv --python /usr/local/bin/python .venv \
    && /opt/uv/bin/uv pip sync --no-cache --compile-bytecode --require-hashes --python .venv/bin/python requirements-production.lock

FROM python:3.11-slim
ENV PATH=/hub/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HUB_ENV=production \
    MEDIA_ROOT=/hub/media
WORKDIR /hub
RUN useradd --system --uid 10001 --home-dir /hub --shell /usr/sbin/nologin hub && install -d -o hub -g hub /hub/media
COPY --from=packages /hub/.venv .venv
COPY manage.py pyproject.toml ./
COPY pod_hub pod_hub
COPY catalog catalog
COPY stores stores
COPY orders orders
COPY fulfillment fulfillment
COPY templates templates
# Neither the supervisor of the development stack nor the imitation marketplaces belong into production.
RUN rm -rf pod_hub/devstack stores/sandbox && python -m compileall -q pod_hub catalog stores orders fulfillment
# collectstatic reads the settings, which insist on secrets; these are thrown away with this line and open nothing.
RUN SECRET_KEY=build FIELD_KEYS=build:YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnU= SEARCH_KEY=YnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnVpbGQtYnU= \
    AMAZON_CLIENT_SECRET=build DATABASE_URL=postgresql://build/build DATABASE_OWNER_URL=postgresql://build/build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input --verbosity 0
USER hub
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "25", "--respawn-failed-workers", "pod_hub.wsgi:application"]
