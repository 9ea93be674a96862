# make build | compare | test | bench | install PREFIX=/usr/local | uninstall | clean
#
# Every target sets up what it needs first: the Debian packages below (through apt-get, asking sudo when you
# are not root), for the tests TensorBoard's reader in .build, and nothing else but a Swift 6.3 toolchain, which it checks for.

SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: setup setup-tests build compare test bench install install-files uninstall clean

SWIFT ?= swift
export SWIFT
PREFIX ?= /usr/local
DESTDIR ?=
OUT ?= runs/first
PACKAGES := libopenblas-serial-dev libffi-dev libsqlite3-dev libjs-chart.js
# TensorBoard's reader, without TensorFlow, reads back what is written for it.
TENSORBOARD := tensorboard==2.21.0 absl-py==2.5.1 packaging==26.4 protobuf==7.36.2
# What the tests need besides: programs in C and Python load the same plugins.
TEST_PACKAGES := gcc libc6-dev make pkg-config python3 python3-numpy python3-pip python3-setuptools python3-wheel
BUILD ?= .build/release
SHARE = $(DESTDIR)$(PREFIX)/share/zoo
FLAGS := -c release --manifest-cache none --build-system native
TEST_FLAGS := $(FLAGS) --scratch-path .build/testing -Xswiftc -enable-testing

# Libraries whose folder is gone from Plugins would be found beside the new ones and bring their models twice.
prune = for library in $(1)/lib*.so; do name=$$(basename "$$library" .so); \
	[ -d "Plugins/$${name\#lib}" ] || rm -f "$$library"; done

setup:
	@zoo/setup.sh "$(SWIFT)" $(PACKAGES)

setup-tests:
	@zoo/setup.sh "$(SWIFT)" $(PACKAGES) $(TEST_PACKAGES)
	@[ -d .build/testing/python/tensorboard ] || \
		python3 -m pip install --quiet --root-user-action=ignore --no-deps --target .build/testing/python $(TENSORBOARD) || \
		echo "warning: TensorBoard cannot be installed; the test that reads event files back with it is left out" >&2

# The command carries its Swift runtime, so that what is installed needs no toolchain.
build: setup
	$(SWIFT) build $(FLAGS) --static-swift-stdlib
	@$(call prune,.build/release)

# Three kinds of architecture, the built-in corpus, a few minutes on two cores.
compare: build
	.build/release/zoo compare transformer mamba diffusion --parameters 300k --context 128 --batch 16 \
		--steps 200 --seeds 1 --out $(OUT)

test: setup-tests
	$(SWIFT) build $(TEST_FLAGS) --build-tests
	$(SWIFT) build $(TEST_FLAGS)
	@$(call prune,.build/testing/release)
	zoo/run-tests.sh .build/testing

bench: build
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE .build/release/zoo bench kernels

install: build
	@$(MAKE) install-files

# Copies what is built in BUILD. For authors of plugins: the header, and the kit and templates of `zoo new`. The kit goes out as sources,
# since Swift has no stable module format on Linux.
install-files:
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/lib/zoo/plugins" \
		"$(DESTDIR)$(PREFIX)/include" "$(DESTDIR)$(PREFIX)/lib/pkgconfig" "$(SHARE)"
	install -s -m 755 "$(BUILD)/zoo" "$(DESTDIR)$(PREFIX)/bin/zoo"
	@$(call prune,$(DESTDIR)$(PREFIX)/lib/zoo/plugins)
	for plugin in Plugins/*/; do name=$$(basename $$plugin); \
		install -m 755 "$(BUILD)/lib$$name.so" "$(DESTDIR)$(PREFIX)/lib/zoo/plugins/lib$$name.so.new" && \
		mv -f "$(DESTDIR)$(PREFIX)/lib/zoo/plugins/lib$$name.so.new" "$(DESTDIR)$(PREFIX)/lib/zoo/plugins/lib$$name.so" \
		|| exit 1; done
	install -m 644 Sources/CSequenceModel/include/sequence_model.h "$(DESTDIR)$(PREFIX)/include/sequence_model.h"
	sed 's|@PREFIX@|$(PREFIX)|' Sources/CSequenceModel/sequence-model.pc.in \
		> "$(DESTDIR)$(PREFIX)/lib/pkgconfig/sequence-model.pc"
	rm -rf "$(SHARE)/kit" "$(SHARE)/templates"
	cp -RL --preserve=mode,timestamps zoo/kit zoo/templates "$(SHARE)/"
	rm -rf "$(SHARE)/kit/.build"

uninstall:
	rm -rf "$(DESTDIR)$(PREFIX)/lib/zoo"
	rm -rf "$(SHARE)/kit" "$(SHARE)/templates"
	-rmdir --ignore-fail-on-non-empty "$(SHARE)" 2>/dev/null
	rm -f "$(DESTDIR)$(PREFIX)/bin/zoo" "$(DESTDIR)$(PREFIX)/include/sequence_model.h" \
		"$(DESTDIR)$(PREFIX)/lib/pkgconfig/sequence-model.pc"

clean:
	rm -rf .build
