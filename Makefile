# Front door: everything here calls a script or CMake; nothing is decided in this file.
.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-variants build web run stop test test-sanitized test-nightly check clean
MAKEFLAGS += --no-print-directory
PROGRAMS := dynod dyno dyno-load dyno-exec

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## packages, Docker engine and base images, as far as they are missing
	@compose/setup/setup.sh run

setup-test: ## the same, with what the tests need
	@compose/setup/setup.sh test

setup-variants: ## base images of other versions, for variants such as node-fastify@node-24
	@compose/setup/setup.sh variants

build: setup ## the programs, into build/release/bin
	@compose/setup/build.sh release $(PROGRAMS)

web: setup ## the dashboard, into web/dist
	@compose/setup/web.sh

run: ## compare four stacks; leaves dynod and its dashboard running
	@compose/local/run.sh $(PROGRAMS)

stop: ## end that dynod; results stay
	@compose/local/stop.sh

test: setup-test ## all tests and checks; lints what changed last and a share of the rest
	@tests/tools/run_tests.sh

test-sanitized: setup-test ## unit and integration tests under the sanitizers (two more builds)
	@tests/tools/run_tests.sh asan tsan

test-nightly: setup-test ## everything that takes long too: every source linted, the sanitizers, fuzzing, crashes, kills, soak, clients, Debian 13, cgroup v2 (hours)
	@tests/tools/run_tests.sh build check-all plain web browser asan tsan fuzz cron options crashes disk kills engines services soak clients debian13 vm

check: setup-test ## formatter, linter over every source that changed since it passed, shell checks
	@tests/tools/check.sh

clean: ## remove build, state (results too) and our images
	@compose/local/clean.sh
