# Short names for what CMake does. Everything is built below build/<preset>;
# packages that are missing are installed first (scripts/install_packages.sh).

PREFIX ?= /usr/local
DESTDIR ?=
# Compilers at once: a CAF source takes up to 1 GiB.
JOBS ?= $(shell nproc)
# How long `make sim` and `make fuzz` look for what breaks a promise.
MINUTES ?= 10
# Which rooms `make sanitize` builds and tests; empty: all.
ROOMS ?=
# CAF's library is not made for the thread sanitizer: what passes between actors
# looks unguarded to it. These rooms have threads of their own.
RACE_ROOMS ?= identity persistence http logging router
# How often it kills a real daemon with a real disk.
KILLS ?= 200

space := $(subst ,, )
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev build demo test bench install format lint \
  sanitize races sim fuzz package package-test clean

help: ## show this list
	@echo "make <target>:"
	@sed -n 's/^\([a-z][a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "Variables: PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) JOBS=$(JOBS)" \
	  "SKIP_PACKAGES=1 (install no packages)"

setup: ## install the packages that the build needs
	@scripts/install_packages.sh scripts/packages.txt

setup-dev: setup ## install also what format and lint need
	@scripts/install_packages.sh scripts/packages_dev.txt

build: setup ## build the programs and the tests (preset dev)
	cmake --preset dev
	cmake --build --preset dev --parallel $(JOBS)

demo: setup ## run the node against a simulated explorer
	cmake --preset dev
	cmake --build --preset dev --parallel $(JOBS) \
	  --target provisiond provisiond-shim explorer-sim
	scripts/demo.sh build/dev/bin

# Each test once, under the sanitizers wherever they can be: both ways for all of
# them do not fit into half an hour of two cores.
ifdef SANITIZE
test: sanitize
	cmake --preset dev
	cmake --build --preset dev --parallel $(JOBS) --target unsanitized
	ctest --preset dev -L unsanitized
else
test: setup ## build and run all tests (SANITIZE=1: under ASan and UBSan)
	cmake --preset dev
	cmake --build --preset dev --parallel $(JOBS)
	ctest --preset dev
endif

bench: setup ## build for speed and take the figures
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS)
	scripts/bench.sh build/release/bin

# A folder of its own: the release preset also builds tests and benchmarks.
install: setup ## install below PREFIX (honours DESTDIR)
	cmake --preset release -B build/install -DBUILD_TESTING=OFF \
	  -DPROVISION_BENCH=OFF -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	cmake --build build/install --parallel $(JOBS)
	DESTDIR=$(DESTDIR) cmake --install build/install

# Only what the package holds is built.
package: setup ## make the Debian package in build/package
	cmake --preset release -B build/package -DBUILD_TESTING=OFF \
	  -DPROVISION_BENCH=OFF
	cmake --build build/package --parallel $(JOBS) --target packaged
	cd build/package && cpack -G DEB

package-test: package ## try the package on a host that is thrown away, with lintian
	@scripts/install_packages.sh scripts/packages_package.txt
	cmake --preset dev
	cmake --build --preset dev --parallel $(JOBS) \
	  --target package_wishes zdb-double
	scripts/package_test.sh build/package build/dev/bin/package_wishes \
	  build/dev/bin/zdb-double

format: setup-dev ## format every source
	git ls-files '*.hpp' '*.cpp' | xargs clang-format -i

# Without the precompiled header: clang cannot read one made by g++.
lint: setup-dev ## run clang-tidy over every source; takes minutes
	cmake --preset dev -B build/lint -DPROVISION_PCH=OFF -DPROVISION_UNITY=OFF
	run-clang-tidy -quiet -j $(JOBS) -p build/lint \
	  -extra-arg=-Wno-unknown-warning-option \
	  '$(CURDIR)/(actors|backends|bench|config|daemon|explorer|identity|logging|messages|persistence)/'

sanitize: setup ## build and run all tests under ASan and UBSan
	cmake --preset asan
	cmake --build --preset asan --parallel $(JOBS) \
	  $(if $(ROOMS),--target $(ROOMS:%=%_tests))
	ctest --preset asan $(if $(ROOMS),-R '^($(subst $(space),|,$(strip $(ROOMS))))\.')

races: setup ## look for data races in the rooms that work without actors
	cmake --preset tsan
	cmake --build --preset tsan --parallel $(JOBS) \
	  --target $(RACE_ROOMS:%=%_tests)
	TSAN_OPTIONS=halt_on_error=1 \
	  ctest --preset tsan -R '^($(subst $(space),|,$(strip $(RACE_ROOMS))))\.'

sim: setup ## simulate the node for MINUTES (10): new seeds, all faults
	cmake --preset release
	cmake --build --preset release --parallel $(JOBS) \
	  --target provision-sim journeys_tests
	JOURNEY_KILLS=$(KILLS) build/release/bin/journeys_tests \
	  --run_test=killed_process_test
	build/release/bin/provision-sim --crash-matrix
	build/release/bin/provision-sim --defects
	build/release/bin/provision-sim --minutes $(MINUTES)

fuzz: setup ## feed strangers' bytes to all that reads them for MINUTES (10)
	@scripts/install_packages.sh scripts/packages_fuzz.txt
	cmake --preset fuzz
	cmake --build --preset fuzz --parallel $(JOBS) --target fuzzers
	scripts/fuzz.sh build/fuzz $(MINUTES)

clean: ## remove everything that was built
	rm -rf build
