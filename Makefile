# The only entry points people need. What they do is in asterisk/stack.
.DEFAULT_GOAL := help
.PHONY: help up down install test check bench

STACK := asterisk/stack
CARGO := $(STACK) cargo

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## install what is missing, start everything, print the address; Ctrl-C stops it
	@$(STACK) up

down: ## stop everything that `make up` started
	@$(STACK) down

install: ## install what `make up` needs (as root, where packages are missing)
	@$(STACK) install

test: ## the whole test suite, against a real PostgreSQL, Asterisk, SIP phones and a browser
	@$(STACK) install --tests
	$(CARGO) test --workspace --locked

check: ## formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

bench: ## measure, and print the ratios
	@$(STACK) install --tests
	$(CARGO) bench --locked
