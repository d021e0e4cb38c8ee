# Kaopass. `make` alone prints this menu; each target's line after ## is in it.

GO  ?= go
NPM ?= npm
# Every build needs a C compiler: the inference library is bound through cgo.
export CGO_ENABLED = 1

.DEFAULT_GOAL := menu

.PHONY: menu
menu:
	@echo "Kaopass: open face admission and payment for a large venue."
	@echo
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: node_modules/.installed build ## fetch and prepare what Kaopass runs on; quiet when all is there
	@bin/kaopass models prepare

# The stamp is a copy of the lock: a fresh checkout or a touched file alone
# does not start npm again, a changed lock does.
.PHONY: node_modules/.installed
node_modules/.installed:
	@cmp -s package-lock.json $@ || { $(NPM) ci --no-progress && cp package-lock.json $@; }

.PHONY: build
build: ## build bin/kaopass
	@$(GO) build -o bin/kaopass ./web
