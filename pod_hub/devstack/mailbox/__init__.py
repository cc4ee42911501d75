"""A mail server and mailbox for the demo and the tests: takes every mail over SMTP, sends none on, shows them in a browser."""
