# make site   安装所需，检查 datasets/，生成网站到 site/
# make test   安装所需（包括浏览器），运行全部测试
# make lint   风格、类型、层次检查
# make golden 设计改动后更新网页的标准图片 tests/golden/
# make bench  测量检查等的速度和内存，写入 docs/benchmarks.md（约需十几分钟）
# make docs   把 docs/ 做成文档网站 docs-site/
# make serve  在本机浏览 site/
# make sample 重新生成演示数据集（改变 datasets/，慎用）
# make lock   更新锁定的依赖版本，和物料清单
# make sbom   由锁定文件写物料清单 sbom.cdx.json
# make audit  查锁定的依赖有没有已知漏洞（要连得上漏洞库）

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
SYSTEM := chromium fonts-noto-cjk nginx-light caddy rclone openssh-client wget curl rsync default-jre-headless

.PHONY: site test lint docs bench golden serve sample lock sbom audit clean system

site: $(VENV)/.site
	$(BIN)/huanjing build --out site --summary build-summary.json

test: $(VENV)/.dev node_modules/.installed system
	$(BIN)/python -m pytest -n 2 --dist loadfile -q

lint: $(VENV)/.dev node_modules/.installed
	$(BIN)/ruff check generator tests tools
	$(BIN)/ruff format --check generator tests tools
	$(BIN)/mypy
	$(BIN)/mypy tools
	$(BIN)/lint-imports
	node_modules/.bin/tsc -p tsconfig.json

docs: $(VENV)/.site
	$(BIN)/mkdocs build -q --strict -f mkdocs-docs.yml

bench: $(VENV)/.dev node_modules/.installed system
	for bench in tests/bench_*.py; do $(BIN)/python $$bench || exit 1; done

golden: $(VENV)/.dev system
	$(BIN)/python tests/golden_pages.py

serve: $(VENV)/.site
	$(BIN)/huanjing serve --site site

sample: $(VENV)/.site
	$(BIN)/huanjing sample --scale 0.05 --seed 2016 --out datasets

# 依赖只装一次；锁定文件或 pyproject.toml 变了才重装。
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更新的版本：make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy python3-venv && $(PYTHON) -m venv --clear $(VENV); }

$(VENV)/.site: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.site
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	touch $@

# 浏览器测试用真实的 Chromium 和中文字体，网页语法检查用 Java。
system:
	@dpkg -s $(SYSTEM) >/dev/null 2>&1 || { $(SUDO) apt-get update -q && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -qy --no-install-recommends $(SYSTEM); }

node_modules/.installed: package-lock.json
	npm ci --silent --no-audit --no-fund
	touch $@

lock: | $(VENV)/.dev
	$(BIN)/python -m pip install -q pip-tools
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --allow-unsafe --extra build -o requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --allow-unsafe --extra build --extra scheduler --extra dev -o requirements-dev.txt pyproject.toml

	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
	$(MAKE) sbom

sbom: $(VENV)/.dev
	$(BIN)/python tools/sbom.py

# pip-audit 有自己的环境，免得它带来的包混进锁定的版本。
audit: | $(VENV)/bin/python
	[ -x $(VENV)/audit/bin/pip-audit ] || { $(BIN)/python -m venv $(VENV)/audit && $(VENV)/audit/bin/pip install -q --disable-pip-version-check pip-audit; }
	$(VENV)/audit/bin/python tools/audit.py $(AUDIT)

clean:
	rm -rf site .site-staging .site-previous .site-cache build-summary.json
