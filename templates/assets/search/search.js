/**
 * The search box in every page's header, and the loading of everything else.
 *
 * Index data and the other scripts come as script tags: that works from any plain server and from
 * a folder. What a data script brings is one string with a checksum; it is verified, parsed as
 * JSON and never run.
 */
"use strict";

/** @type {import("./engine/types").Huanjing} */
var huanjing = (function () {
  const own = /** @type {HTMLScriptElement} */ (document.currentScript);
  const assets = new URL(".", own.src);
  const root = new URL("../../", assets);

  /** @type {Map<string, Promise<any>>} */
  const loading = new Map();
  /** @type {Map<string, {text: string, sum: number}>} */
  const arrived = new Map();
  const table = new Uint32Array(256).map((_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });

  /** CRC-32 of a text's UTF-16 units, low byte first. @param {string} text */
  function checksum(text) {
    let sum = -1;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      sum = table[(sum ^ unit) & 255] ^ (sum >>> 8);
      sum = table[(sum ^ (unit >>> 8)) & 255] ^ (sum >>> 8);
    }
    return (sum ^ -1) >>> 0;
  }

  /** @param {string} src @returns {Promise<void>} */
  function loadScript(src) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(src));
      document.head.appendChild(script);
    });
  }

  /**
   * The data of one index file; asked for again only after a failure.
   * @param {string} name
   */
  function load(name) {
    let promise = loading.get(name);
    if (!promise) {
      promise = loadScript(new URL("search/" + name + ".js", root).href).then(() => {
        const data = arrived.get(name);
        arrived.delete(name);
        if (!data || checksum(data.text) !== data.sum) throw new Error(name);
        return JSON.parse(data.text);
      }).catch(() => {
        loading.delete(name);
        throw new Error("检索数据“" + name + "”缺失或损坏，检索没有完成。请刷新再试，或到列表页查找。");
      });
      loading.set(name, promise);
    }
    return promise;
  }

  /** @type {Promise<void> | undefined} */
  let engineLoading;

  /** The engine, loaded when it is first wanted. */
  function loadEngine() {
    if (!engineLoading) {
      engineLoading = loadScript(new URL("engine.js", assets).href);
      engineLoading.catch(() => { engineLoading = undefined; });
    }
    return engineLoading.then(() => /** @type {any} */ (huanjing).engine);
  }

  /**
   * An element with attributes and children; text only ever becomes text.
   * @param {string} name
   * @param {Record<string, string>} [attributes]
   * @param {...(Node | string)} children
   */
  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const key of Object.keys(attributes || {})) {
      made.setAttribute(key, /** @type {any} */ (attributes)[key]);
    }
    made.append(...children);
    return made;
  }

  /**
   * A record's page from its address relative to the root. The index speaks of the whole province:
   * on the mirror of an area, records of other districts are at the province's site.
   * @param {string} url
   * @param {string} [district] code
   */
  function resolve(url, district) {
    const full = new URL(url, root);
    const area = /** @type {any} */ (window).huanjingArea;
    if (area && district && !district.startsWith(area.prefix) && full.href.startsWith(root.href)) {
      return area.base + full.href.slice(root.href.length);
    }
    // A record's address comes from data: nothing but a page below the root may become a link.
    return full.href.startsWith(root.href) ? full.href : root.href;
  }

  /**
   * `text` with the places that match `parts` in <mark> elements.
   * @param {string} text
   * @param {string[]} parts folded parts
   * @param {any} engine
   */
  function highlight(text, parts, engine) {
    const holder = document.createDocumentFragment();
    let at = 0;
    for (const [begin, end] of engine.findMarks(text, parts)) {
      holder.append(text.slice(at, begin), element("mark", {}, text.slice(begin, end)));
      at = end;
    }
    holder.append(text.slice(at));
    return holder;
  }

  const SUGGESTIONS = 8;
  let boxes = 0;

  /**
   * Makes a form with a text field into a combobox that suggests records while typing.
   * @param {HTMLFormElement} form
   */
  function enhanceForm(form) {
    const input = /** @type {HTMLInputElement | null} */ (form.querySelector("input[name=q]"));
    if (!input) return;
    boxes += 1;
    const id = "hj-suggest-" + boxes;
    const list = element("ul", { id, role: "listbox", class: "hj-suggest", "aria-label": "搜索建议" });
    const status = element("p", { class: "hj-sr", "aria-live": "polite", role: "status" });
    list.hidden = true;
    form.append(list, status);
    const box = input;
    /** @param {Record<string, string>} attributes */
    const mark = (attributes) => Object.keys(attributes).forEach((key) => box.setAttribute(key, attributes[key]));
    mark({ role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off" });
    let composing = false;
    let asked = 0;
    let active = -1;
    /** @type {number | undefined} */
    let timer;

    function close() {
      asked++;
      list.hidden = true;
      active = -1;
      mark({ "aria-expanded": "false" });
      box.removeAttribute("aria-activedescendant");
    }

    /** @param {number} to */
    function activate(to) {
      const options = list.querySelectorAll("[role=option]");
      if (!options.length) return;
      active = (to + options.length + 1) % (options.length + 1);
      if (active === options.length) active = to < 0 ? options.length - 1 : -1;
      options.forEach((o, n) => o.setAttribute("aria-selected", String(n === active)));
      if (active < 0) {
        box.removeAttribute("aria-activedescendant");
      } else {
        mark({ "aria-activedescendant": options[active].id });
        options[active].scrollIntoView({ block: "nearest" });
      }
    }

    function suggest() {
      const text = box.value;
      const turn = ++asked;
      if (!text.trim()) { close(); return; }
      loadEngine().then((engine) => engine.search({ q: text, size: SUGGESTIONS, counts: [] })
        .then((/** @type {any} */ found) => {
          if (turn !== asked || composing) return;
          list.textContent = "";
          found.rows.forEach((/** @type {any} */ row, /** @type {number} */ n) => {
            const option = element("li", { role: "option", id: id + "-" + n, "aria-selected": "false" },
              element("span", { class: "hj-kind" }, engine.kindTitle(row.kind)), " ",
              highlight(row.title, found.parts, engine));
            const note = row.subtitle || row.districtName;
            if (note) option.append(" ", element("small", {}, note));
            option.dataset.href = resolve(row.url, row.district);
            list.append(option);
          });
          active = -1;
          list.hidden = !found.rows.length;
          mark({ "aria-expanded": String(!list.hidden) });
          status.textContent = found.total ? "共 " + found.total.toLocaleString("en") + " 条，上下键选择" : "没有找到";
        })).catch((/** @type {any} */ error) => {
        if (turn !== asked) return;
        close();
        status.textContent = error.message;
      });
    }

    function schedule() {
      window.clearTimeout(timer);
      if (!composing) timer = window.setTimeout(suggest, 120);
    }

    box.addEventListener("compositionstart", () => { composing = true; });
    box.addEventListener("compositionend", () => { composing = false; schedule(); });
    box.addEventListener("input", schedule);
    box.addEventListener("focus", () => { loadEngine().catch(() => {}); });
    box.addEventListener("blur", () => { window.setTimeout(close, 150); });
    box.addEventListener("keydown", (event) => {
      if (composing || event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) { suggest(); } else { activate(active + (event.key === "ArrowDown" ? 1 : -1)); }
        event.preventDefault();
      } else if (event.key === "Escape" && !list.hidden) {
        close();
        event.preventDefault();
      } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
        event.preventDefault();
        const chosen = /** @type {HTMLElement} */ (list.children[active]);
        location.href = String(chosen.dataset.href);
      }
    });
    list.addEventListener("mousedown", (event) => {
      const chosen = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
      if (chosen) location.href = String(/** @type {HTMLElement} */ (chosen).dataset.href);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (composing) return;
      const text = box.value.trim();
      close();
      if (!text) return;
      // A whole code, or a name that only one record has, needs no list of results.
      loadEngine().then((engine) => engine.search({ q: text, size: 10, counts: [] })).then(
        (/** @type {any} */ found) => {
          location.href = found.exact ? resolve(found.exact.url, found.exact.district)
            : resolve("search.html") + "?q=" + encodeURIComponent(text);
        },
        () => { location.href = resolve("search.html") + "?q=" + encodeURIComponent(text); });
    });
  }

  function start() {
    document.documentElement.classList.add("hj-script");
    document.querySelectorAll("form[role=search]").forEach((form) =>
      enhanceForm(/** @type {HTMLFormElement} */ (form)));
    if (document.querySelector("[data-huanjing-list]")) {
      loadEngine().catch(() => {
        const place = /** @type {Element} */ (document.querySelector("[data-huanjing-list]"));
        place.prepend(element("p", { role: "alert", class: "hj-error" },
          "检索程序没有载入，请刷新再试，或到列表页查找。"));
      });
    }
  }
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }

  return {
    checksum, load, loadEngine, element, resolve, highlight,
    /** Called by data scripts. @param {string} name @param {number} sum @param {string} text */
    shard(name, sum, text) { arrived.set(name, { text, sum }); },
  };
})();
