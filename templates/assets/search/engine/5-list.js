/**
 * The page that shows results: the search page, and the lists of projects and enterprises, which
 * are the same machine without a query. What is shown stands in the address.
 */
"use strict";

(function () {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-huanjing-list]"));
  const engine = huanjing.engine;
  if (!place || !engine) return;
  const root = place;
  const search = engine;
  const element = huanjing.element;
  const kind = root.dataset.kind || "";
  const size = kind ? 50 : 10;
  const SHOWN = 8; // Labels of a facet before "more".

  /** @type {Record<string, string>} */
  const FACET_TITLES = {
    district: "区县", township: "乡镇街道", kind: "类别", sector: "行业领域", violation_type: "违法类型",
    batch: "处置类别", stage: "当前阶段", overdue: "是否逾期", completeness: "公开完整率", year: "年份",
  };
  /** @type {Record<string, string>} */
  const SORT_TITLES = { "": kind ? "按地区" : "按相关程度", name: "按名称" };
  if (kind !== "enterprise") Object.assign(SORT_TITLES, { date: "按日期，新的在前", fine: "按罚款，多的在前" });
  if (kind !== "project") SORT_TITLES.rate = "按公开完整率，低的在前";
  /** Counted at first; the others' counts are read when one of them is opened. */
  const FIRST = ["district", "township", "kind", "year"];
  const FACETS = kind === "enterprise" ? ["district", "township", "completeness"]
    : Object.keys(FACET_TITLES).filter((facet) => !kind || !["kind", "completeness"].includes(facet));

  /** Thousands apart, as on all pages. @param {number} number */
  function grouped(number) {
    return number.toLocaleString("en");
  }

  // ---- the address ----

  /** A folder opened from disk may refuse a new query string; the fragment then carries it. */
  function readAddress() {
    const text = location.hash.startsWith("#?") ? location.hash.slice(2) : location.search.slice(1);
    const given = new URLSearchParams(text);
    /** @type {Record<string, string[]>} */
    const filters = {};
    for (const facet of FACETS) {
      const labels = given.getAll(facet).filter(Boolean);
      if (labels.length) filters[facet] = labels;
    }
    const sort = given.get("sort") || "";
    return {
      q: kind ? "" : given.get("q") || "", filters,
      sort: sort in SORT_TITLES ? sort : "",
      page: Math.max(1, parseInt(given.get("page") || "1", 10) || 1),
    };
  }

  /** @typedef {ReturnType<typeof readAddress>} State */

  /** @param {State} state */
  function writeAddress(state) {
    const query = new URLSearchParams();
    if (state.q) query.set("q", state.q);
    for (const facet of FACETS) (state.filters[facet] || []).forEach((label) => query.append(facet, label));
    if (state.sort) query.set("sort", state.sort);
    if (state.page > 1) query.set("page", String(state.page));
    return query.toString();
  }

  let state = readAddress();

  /** @param {Partial<State>} change */
  function go(change) {
    state = Object.assign({}, state, { page: 1 }, change);
    const query = writeAddress(state);
    try {
      history.pushState(null, "", location.pathname + (query ? "?" + query : ""));
    } catch (error) {
      location.hash = "?" + query;
    }
    show();
  }

  window.addEventListener("popstate", () => { state = readAddress(); show(); });

  // ---- the parts of the page ----

  const summary = element("p", { class: "hj-summary", role: "status", "aria-live": "polite" });
  const notes = element("div", { class: "hj-notes" });
  const sort = /** @type {HTMLSelectElement} */ (element("select", { id: "hj-sort" },
    ...Object.keys(SORT_TITLES).map((key) => element("option", { value: key }, SORT_TITLES[key]))));
  const download = /** @type {HTMLButtonElement} */ (element("button", { type: "button", class: "hj-download" },
    "下载这些记录（CSV）"));
  const tools = element("p", { class: "hj-tools" },
    element("label", { for: "hj-sort" }, "排序："), sort, " ", download);
  const filters = element("form", { class: "hj-filters", "aria-label": "筛选" });
  const results = element("div", { class: "hj-results" });
  const pager = element("nav", { class: "hj-pager", "aria-label": "翻页" });
  root.append(summary, notes, tools, element("div", { class: "hj-finder-body" }, filters,
    element("div", { class: "hj-finder-list" }, results, pager)));
  sort.addEventListener("change", () => go({ sort: sort.value }));
  filters.addEventListener("submit", (event) => event.preventDefault());

  const box = /** @type {HTMLInputElement | null} */ (root.querySelector("input[name=q]"));

  /** @param {string} text @param {() => void} action */
  function button(text, action) {
    const made = element("button", { type: "button" }, text);
    made.addEventListener("click", action);
    return made;
  }

  /** Facets whose long tails the reader has opened. @type {Set<string>} */
  const opened = new Set();
  /** Facets that the reader has unfolded. @type {Set<string>} */
  const unfolded = new Set();

  /** @param {import("./types").Found} found */
  function showFilters(found) {
    const focused = document.activeElement && document.activeElement.id;
    filters.textContent = "";
    const chosen = FACETS.reduce((sum, facet) => sum + (state.filters[facet] || []).length, 0);
    if (chosen) {
      filters.append(button("清除全部筛选（" + chosen + "）", () => go({ filters: {} })));
    }
    for (const facet of FACETS) {
      const picked = state.filters[facet] || [];
      const known = facet in found.facets;
      const counts = (found.facets[facet] || []).slice();
      // A chosen label stays to be unchosen, even when nothing is left of it.
      for (const value of picked) {
        if (!counts.some((c) => c.value === value)) counts.push({ value, label: value, count: 0 });
      }
      if (facet === "township" ? !known : known && counts.length < 2 && !picked.length) continue;
      const list = element("ul", {});
      const many = !opened.has(facet) && counts.length > SHOWN + 1;
      counts.forEach((count, n) => {
        if (many && n >= SHOWN && !picked.includes(count.value)) return;
        const id = "hj-" + facet + "-" + n;
        const check = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id, value: count.value }));
        check.checked = picked.includes(count.value);
        check.addEventListener("change", () => {
          const labels = check.checked ? picked.concat(count.value) : picked.filter((l) => l !== count.value);
          go({ filters: Object.assign({}, state.filters, { [facet]: labels }) });
        });
        list.append(element("li", {}, check, " ", element("label", { for: id }, count.label,
          " ", element("span", { class: "hj-count" }, grouped(count.count)))));
      });
      const group = element("details", {}, element("summary", {}, FACET_TITLES[facet]),
        element("fieldset", {}, element("legend", { class: "hj-sr" }, FACET_TITLES[facet]), list));
      if (many) {
        group.append(button("全部 " + counts.length + " 项", () => { opened.add(facet); showFilters(found); }));
      }
      if (known && (picked.length || unfolded.has(facet) || window.innerWidth > 900)) group.setAttribute("open", "");
      group.addEventListener("toggle", () => {
        const open = group.hasAttribute("open");
        unfolded[open ? "add" : "delete"](facet);
        if (open && !known) show();
      });
      filters.append(group);
    }
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  }

  /** @param {import("./types").Row} row @param {string[]} parts */
  function showResult(row, parts) {
    const link = element("a", { href: huanjing.resolve(row.url, row.district) }, huanjing.highlight(row.title, parts, search));
    const facts = [search.kindTitle(row.kind)];
    if (row.subtitle && row.subtitle !== row.title) facts.push(row.subtitle);
    if (row.districtName) facts.push(row.districtName + row.township);
    for (const facet of ["violation_type", "stage"]) if (row.facets[facet]) facts.push(row.facets[facet]);
    if (row.rate !== null) facts.push("公开完整率 " + row.rate + "%");
    if (row.date) facts.push(row.date);
    const item = element("li", {}, element("h3", {}, link),
      element("p", { class: "hj-facts" }, ...facts.map((fact, n) => {
        const span = element("span", {}, n ? " · " : "");
        span.append(huanjing.highlight(fact, parts, search));
        return span;
      })));
    if (row.match && !facts.includes(row.match)) {
      item.append(element("p", { class: "hj-match" }, huanjing.highlight(cutAround(row.match, parts), parts, search)));
    }
    return item;
  }

  /** The part of a long text around the first hit. @param {string} text @param {string[]} parts */
  function cutAround(text, parts) {
    const marks = search.findMarks(text, parts);
    const from = Math.max(0, (marks.length ? marks[0][0] : 0) - 30);
    return (from ? "…" : "") + text.slice(from, from + 90) + (from + 90 < text.length ? "…" : "");
  }

  /** @type {[string, (row: import("./types").Row) => string][]} What a list's table and its CSV hold. */
  const COLUMNS = [
    ["名称", (row) => row.title], ["编号", (row) => row.id], ["区县", (row) => row.districtName],
  ];
  if (kind !== "enterprise") {
    COLUMNS.push(["乡镇街道", (row) => row.township], ["违法类型", (row) => row.facets.violation_type], ["当前阶段", (row) => row.facets.stage],
      ["罚款（元）", (row) => row.fine === null ? "" : String(row.fine)]);
  }
  if (kind !== "project") {
    COLUMNS.push(["公开完整率（%）", (row) => row.rate === null ? "" : String(row.rate)]);
  }
  if (!kind) COLUMNS.splice(1, 0, ["类别", (row) => search.kindTitle(row.kind)]);
  if (kind !== "enterprise") COLUMNS.push(["日期", (row) => row.date]);

  /** @param {import("./types").Row[]} rows */
  function showTable(rows) {
    const body = rows.map((row) => element("tr", {}, ...COLUMNS.map(([title, read], n) => n
      ? element("td", { "data-title": title }, read(row) || "—")
      : element("th", { scope: "row" }, element("a", { href: huanjing.resolve(row.url, row.district) }, row.title)))));
    return element("div", { class: "hj-scroll", tabindex: "0", role: "region", "aria-label": "记录表" },
      element("table", { class: "hj-table" },
        element("thead", {}, element("tr", {}, ...COLUMNS.map(([title]) => element("th", { scope: "col" }, title)))),
        element("tbody", {}, ...body)));
  }

  /** @param {number} total */
  function showPager(total) {
    pager.textContent = "";
    const pages = Math.max(1, Math.ceil(total / size));
    if (pages < 2) return;
    if (state.page > 1) pager.append(button("上一页", () => turn(state.page - 1)), " ");
    pager.append("第 " + grouped(state.page) + " 页，共 " + grouped(pages) + " 页 ");
    if (state.page < pages) pager.append(button("下一页", () => turn(state.page + 1)));
  }

  /** @param {number} page */
  function turn(page) {
    go({ page });
    root.scrollIntoView();
    summary.setAttribute("tabindex", "-1");
    summary.focus({ preventScroll: true });
  }

  /** @param {import("./types").Found} found @param {number} turnNumber */
  function showNone(found, turnNumber) {
    notes.append(element("p", {}, "试过的字：" + found.parts.map((p) => "“" + p + "”").join("、")
      + "。每一部分都要在同一条记录里出现，繁简、全半角和空格不论。"));
    if (state.filters && Object.keys(state.filters).length) return;
    search.findNear(found.parts).then((near) => {
      if (turnNumber !== asked || !near.length) return;
      const list = element("ul", {});
      for (const { q, total } of near) {
        const link = element("a", { href: "?" + new URLSearchParams({ q }) }, q);
        link.addEventListener("click", (event) => { event.preventDefault(); if (box) box.value = q; go({ q }); });
        list.append(element("li", {}, link, "（" + grouped(total) + " 条）"));
      }
      notes.append(element("p", {}, "相近的查法："), list);
    }).catch(() => {});
  }

  let asked = 0;
  /** @type {import("./types").Found | null} */
  let current = null;

  function show() {
    const turnNumber = ++asked;
    sort.value = state.sort;
    if (box && !kind) box.value = state.q;
    root.setAttribute("aria-busy", "true");
    notes.textContent = "";
    if (!kind && !state.q.trim()) {
      summary.textContent = "请输入要查的字，一个字也可以。";
      [tools, filters, results, pager].forEach((part) => { part.hidden = true; });
      root.removeAttribute("aria-busy");
      return;
    }
    summary.textContent = "正在查找……";
    const wanted = Object.assign({}, state.filters, kind ? { kind: [kind] } : {});
    const all = FACETS.some((facet) => !FIRST.includes(facet) && (unfolded.has(facet) || state.filters[facet]));
    const counts = all ? FACETS : FIRST;
    search.search({ q: state.q, filters: wanted, sort: state.sort, page: state.page, size, counts }).then((found) => {
      if (turnNumber !== asked) return;
      current = found;
      if (found.total && !found.rows.length) {
        state.page = 1;
        show();
        return;
      }
      root.removeAttribute("aria-busy");
      [tools, filters, results, pager].forEach((part) => { part.hidden = false; });
      tools.hidden = !found.total;
      // Nothing found and nothing chosen: there is nothing that a filter could narrow or widen.
      filters.hidden = !found.total && !Object.keys(state.filters).length;
      const first = (state.page - 1) * size + 1;
      summary.textContent = found.total
        ? "共 " + grouped(found.total) + " 条，显示第 " + grouped(first) + "–"
          + grouped(first + found.rows.length - 1) + " 条。" : "没有找到。";
      if (found.readAs) {
        notes.append(element("p", {}, "没有找到原样的字，已按“" + found.readAs.join("” + “") + "”查找。"));
      }
      if (found.exact) {
        notes.append(element("p", { class: "hj-exact" }, "完全一致：",
          element("a", { href: huanjing.resolve(found.exact.url, found.exact.district), "data-exact": "" }, found.exact.title)));
      }
      if (!found.total && state.q) showNone(found, turnNumber);
      showFilters(found);
      results.textContent = "";
      if (found.rows.length) {
        results.append(kind ? showTable(found.rows)
          : element("ol", { start: String(first) }, ...found.rows.map((row) => showResult(row, found.parts))));
      }
      showPager(found.total);
    }).catch((error) => {
      if (turnNumber !== asked) return;
      current = null;
      root.removeAttribute("aria-busy");
      // Nothing of an earlier answer may stand beside the message.
      [results, filters, pager].forEach((part) => { part.textContent = ""; });
      tools.hidden = true;
      summary.textContent = "";
      notes.append(element("p", { role: "alert", class: "hj-error" }, error.message));
    });
  }

  // ---- the download ----

  /** @param {string} cell RFC 4180 */
  function quote(cell) {
    return /[",\r\n]/.test(cell) ? '"' + cell.replace(/"/g, '""') + '"' : cell;
  }

  download.addEventListener("click", async () => {
    if (!current) return;
    const numbers = current.numbers;
    download.disabled = true;
    try {
      const lines = [COLUMNS.map(([title]) => quote(title)).concat("网址").join(",")];
      for (let at = 0; at < numbers.length; at += 500) {
        summary.textContent = "正在准备下载：" + at + " / " + numbers.length;
        for (const row of await search.readRows(numbers.slice(at, at + 500))) {
          lines.push(COLUMNS.map(([, read]) => quote(read(row) || "")).concat(quote(row.url)).join(","));
        }
      }
      const blob = new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" });
      const link = /** @type {HTMLAnchorElement} */ (element("a", {
        href: URL.createObjectURL(blob), download: (kind || "search") + ".csv" }));
      document.body.append(link);
      link.click();
      link.remove();
      window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      summary.textContent = "已下载 " + numbers.length + " 条。";
    } catch (error) {
      notes.append(element("p", { role: "alert", class: "hj-error" }, /** @type {Error} */ (error).message));
    }
    download.disabled = false;
  });

  show();
})();
