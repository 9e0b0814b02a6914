# Korrigo. `make` alone says what there is.

# Clones share what they compile. Where there is no home to write to, the checkout keeps it.
ifndef CARGO_TARGET_DIR
CARGO_TARGET_DIR := $(shell mkdir -p "$(HOME)/.cache/korrigo/target" 2>/dev/null \
	&& test -w "$(HOME)/.cache/korrigo/target" && echo "$(HOME)/.cache/korrigo/target" || echo "$(CURDIR)/target")
endif
export CARGO_TARGET_DIR

# Sourced before every use of cargo: brings what the build needs and sets KORRIGO_FEATURES and KORRIGO_SHIPPED.
PREPARE := . .config/prerequisites.sh
KORRIGO := $(CARGO_TARGET_DIR)/debug/korrigo

.DEFAULT_GOAL := help
.PHONY: help run test check alerts check-deploy prove prove-alerts prove-pdf drill-restore compare-pdf bench-pdf bench-ocr bench-telemetry \
	bench-overload bench-office build build-optimized docs sbom fmt clean-dev

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## Start everything with a demo exam loaded. Ctrl-C stops it.
	@exec "$(KORRIGO)" dev up

test: build ## Run all tests against private servers. ARGS="-E 'package(korrigo-store)'" chooses some.
	@$(PREPARE); .config/test.sh build $(ARGS)
	@$(PREPARE); exec "$(KORRIGO)" dev exec -- .config/test.sh run $(ARGS)

check: ## Check format, lints, dependencies and generated documents.
	@$(PREPARE); cargo fmt --all --check
	@$(PREPARE); cargo xtask tidy
	@$(PREPARE); cargo clippy --workspace --all-targets $$KORRIGO_FEATURES -- -D warnings
	@$(PREPARE); cargo test --quiet --workspace --test generated_docs $$KORRIGO_FEATURES
	@$(PREPARE); if cargo deny --version >/dev/null 2>&1; then cargo deny --offline check bans licenses sources; \
		else echo "cargo-deny is not installed and was skipped: cargo xtask tidy has checked bans, licences and sources; nobody has looked for advisories"; fi
	@exec .config/check-migrations.sh
	@$(MAKE) --no-print-directory check-deploy
	@if PATH="$$PATH:var/packages/prometheus/usr/bin" command -v promtool >/dev/null; then exec .config/check-alerts.sh; \
		else echo "left out: the rules of deploy/prometheus, since there is no promtool. make alerts brings it, and make test runs them too"; fi

check-deploy: build ## Check how Korrigo is put on machines: image, compose, Kubernetes, systemd.
	@exec .config/check-deploy.sh

alerts: ## Check the configuration of Prometheus and Alertmanager, and test every alert rule.
	@exec .config/check-alerts.sh

prove: build ## Prove at length what the documents promise. ARGS=short takes five minutes, checks shows the checks, faults the faults, drill the playbook, overload the load, s3 blobs in a bucket of Ceph, image what it is built from.
	@$(PREPARE); exec .config/prove.sh $(ARGS)

prove-alerts: build ## Let a worker fall silent and one die, wait until somebody is told, and do what the runbook says.
	@exec .config/prove-alerts.sh

drill-restore: build ## Lose everything but a backup, and come back. COPIES=100 says how many copies there are.
	@$(PREPARE); exec "$(KORRIGO)" dev exec -- env KORRIGO_DRILL_COPIES=$(or $(COPIES),40) \
		cargo test --quiet -p korrigo-testkit $$KORRIGO_FEATURES --test restoring -- --show-output

build: ## Compile the programs.
	@$(PREPARE); cargo build --workspace --bins $$KORRIGO_FEATURES

build-optimized: ## Compile the services as an installation's are, and what measures them.
	@$(PREPARE); cargo build --profile measure -p korrigo -p korrigo-gateway -p korrigo-grading -p korrigo-pdf-worker \
		-p korrigo-load-bench $$KORRIGO_SHIPPED

docs: ## Write the generated documents again.
	@$(PREPARE); UPDATE_DOCS=1 cargo test --quiet --workspace --test generated_docs $$KORRIGO_FEATURES

sbom: ## Write korrigo.cdx.json: what the programs are made of, as CycloneDX.
	@$(PREPARE); cargo xtask sbom >korrigo.cdx.json
	@echo "see korrigo.cdx.json"

fmt: ## Format the code.
	@$(PREPARE); cargo fmt --all

prove-pdf: ## Damage documents at random, many thousand times. CASES=3000 says how often each.
	@$(PREPARE); PROPTEST_CASES=$(or $(CASES),3000) cargo test --quiet -p korrigo-pdf --test pdf hostile

compare-pdf: ## Compare page images with poppler, PDFium and MuPDF: FILES="a/directory another" of documents.
	@$(PREPARE); cargo build --release -p korrigo-pdf-bench
	@$(PREPARE); . .config/python.sh; test -x var/bench/venv/bin/python || python3 -m venv var/bench/venv
	@var/bench/venv/bin/pip install --quiet pymupdf pypdfium2 pillow numpy
	@$(PREPARE); var/bench/venv/bin/python crates/pdf-bench/peer/compare.py \
		"$(CARGO_TARGET_DIR)/release/korrigo-pdf-bench" var/bench/compared var/bench/compared.md $(FILES)
	@echo "see var/bench/compared.md"

bench-pdf: ## Measure the PDF engine against PyMuPDF and write docs/benchmarks-pdf.md. SEED=1 chooses the documents.
	@$(PREPARE); cargo build --release -p korrigo-pdf-bench
	@$(PREPARE); . .config/python.sh; test -x var/bench/venv/bin/python || python3 -m venv var/bench/venv
	@var/bench/venv/bin/pip install --quiet pymupdf pillow numpy
	@var/bench/venv/bin/python crates/pdf-bench/peer/corpus.py var/bench/corpus $(or $(SEED),1)
	@$(PREPARE); var/bench/venv/bin/python crates/pdf-bench/peer/bench.py \
		"$(CARGO_TARGET_DIR)/release/korrigo-pdf-bench" var/bench/corpus docs/benchmarks-pdf.md $(or $(SEED),1)

bench-ocr: ## Measure how often the pupil whose name is on a copy is suggested, printed and by hand; write docs/benchmarks-ocr.md. SEED=1 chooses the names.
	@$(PREPARE); cargo build --release -p korrigo-pdf-bench
	@.config/test.sh bring
	@test -d /usr/share/fonts/truetype/breip || test -d var/packages/fonts-breip || sh .config/packages.sh var/packages/fonts-breip \
		fonts-breip fonts-femkeklaver fonts-dkg-handwriting fonts-ecolier-court fonts-dancingscript fonts-dejavu-core 2>var/packages/fonts.log
	@$(PREPARE); . .config/python.sh; test -x var/bench/venv/bin/python || python3 -m venv var/bench/venv
	@var/bench/venv/bin/pip install --quiet pillow numpy
	@var/bench/venv/bin/python crates/pdf-bench/peer/ocr.py \
		"$(CARGO_TARGET_DIR)/release/korrigo-pdf-bench" docs/benchmarks-ocr.md $(or $(SEED),1)

bench-telemetry: build-optimized ## Measure what logs, metrics and traces cost and write docs/benchmarks-telemetry.md. ARGS="--rate 200" asks for more.
	@exec "$(CARGO_TARGET_DIR)/measure/korrigo" dev exec -- "$(CARGO_TARGET_DIR)/measure/korrigo-load-bench" \
		--report docs/benchmarks-telemetry.md $(ARGS)

bench-overload: build-optimized ## Measure how much the system carries, twice that, what follows, and scans beside it; write docs/benchmarks-overload.md. Fails if less is kept than is asked for.
	@exec "$(CARGO_TARGET_DIR)/measure/korrigo" dev exec -- "$(CARGO_TARGET_DIR)/measure/korrigo-load-bench" \
		--overload --copies 48 --seconds 15 --report $(or $(REPORT),docs/benchmarks-overload.md) $(ARGS)

bench-office: build-optimized ## Measure an exam of 5,000 pupils and 2,000 copies from its list to released results; write docs/benchmarks-office.md.
	@exec "$(CARGO_TARGET_DIR)/measure/korrigo" dev exec -- "$(CARGO_TARGET_DIR)/measure/korrigo-load-bench" \
		--office --copies 2000 --report docs/benchmarks-office.md $(ARGS)

clean-dev: ## Remove the local servers with all their data.
	@if [ -d var ]; then $(MAKE) --no-print-directory build && "$(KORRIGO)" dev clean; else echo "nothing to remove"; fi
