/**
 * Answers a request: parts, filters, order, counts, near forms. docs/search.md §3, §8, §9.
 */
"use strict";

(function () {
  const core = /** @type {any} */ (huanjing).core;
  const FEW = 10; // Hits whose rows are shown at once, so that their facets are read from them.
  const KIND_TITLES = {
    enterprise: "企业", project: "项目", case: "曝光案例", district: "区县", township: "乡镇街道",
    body: "责任单位", duty: "责任", week: "每周曝光", bulletin: "通报", field: "数据字段", page: "页面",
  };
  const QUOTES = /["“”„‟＂]/;

  /**
   * A query's folded parts: split at spaces outside quotation marks.
   * @param {string} text
   */
  function splitQuery(text) {
    /** @type {string[]} */
    const parts = [];
    text.split(QUOTES).forEach((piece, n) => {
      if (n % 2) {
        parts.push(core.fold(piece));
      } else {
        piece.split(/\s+/).forEach((word) => parts.push(core.fold(word)));
      }
    });
    return Array.from(new Set(parts.filter(Boolean)));
  }

  /**
   * Numbers of the records that hold every part, each with the sum of its ranks.
   * @param {string[]} parts
   */
  async function matchAll(parts) {
    /** @type {Map<number, number> | null} */
    let found = null;
    /** @type {{text: string, list: Uint32Array}[]} */
    const values = [];
    /** @type {number[]} */
    const unread = [];
    // The longest part has the fewest hits; where it has none the others need not be read.
    for (const part of parts.slice().sort((a, b) => b.length - a.length)) {
      /** @type {Map<number, number> | null} */
      const told = found && found.size <= FEW && !core.codeOf(part) ? await readRanks(found, part) : null;
      if (told) {
        found = told;
        continue;
      }
      const hits = await core.matchPart(part);
      values.push(...hits.values);
      unread.push(...hits.unread);
      /** @type {Map<number, number>} */
      const next = new Map();
      if (found) {
        found.forEach((sum, n) => { if (hits.ranks[n]) next.set(n, sum + hits.ranks[n]); });
      } else {
        hits.ranks.forEach((/** @type {number} */ rank, /** @type {number} */ n) => {
          if (rank) next.set(n, rank);
        });
      }
      found = next;
      if (!found.size) break;
    }
    return { found: found || new Map(), values, unread };
  }

  /**
   * The ranks of a few records with those of another part added, where their rows alone tell them.
   * @param {Map<number, number>} found @param {string} part
   */
  async function readRanks(found, part) {
    /** @type {Map<number, number>} */
    const next = new Map();
    for (const row of await core.readRows(Array.from(found.keys()))) {
      const rank = core.rankRow(row, part);
      if (!rank || rank > 4) return null;
      next.set(row.number, Number(found.get(row.number)) + rank);
    }
    return next;
  }

  /** A part that begins with a district's name, as that name and the rest. @param {string} part */
  function splitDistrict(part) {
    const names = new Set();
    const labels = core.meta().districts.map((/** @type {string[]} */ district) => core.fold(district[1])).filter(Boolean);
    for (const label of labels) {
      // A county is called with its prefecture's name or without it.
      for (const above of ["", ...labels]) {
        const name = label.startsWith(above) ? label.slice(above.length) : "";
        if (name.length > 1) names.add(name);
        if (name.length > 2) names.add(name.slice(0, -1));
      }
    }
    const fitting = Array.from(names).filter((n) => part.startsWith(n) && part.length > n.length);
    fitting.sort((a, b) => b.length - a.length);
    return fitting.length ? [fitting[0], part.slice(fitting[0].length)] : null;
  }

  /** Whether traditional characters became simplified: the table is read once, when wanted. */
  async function readSimplified() {
    if (core.simplified.size) return false;
    const [from, to] = await huanjing.load("fold");
    const targets = Array.from(to);
    Array.from(from).forEach((char, n) => core.simplified.set(char, targets[n]));
    return true;
  }

  /** Near forms of a query that found nothing, with their totals. */
  /** @param {string[]} parts */
  async function findNear(parts) {
    /** @type {string[]} */
    const tries = parts.length > 1 ? parts.slice() : [];
    if (parts.length === 1) {
      const part = parts[0];
      for (let cut = 1; cut <= 3 && part.length - cut >= 2; cut++) {
        tries.push(part.slice(0, -cut), part.slice(cut));
      }
    }
    const near = [];
    for (const q of Array.from(new Set(tries))) {
      const total = (await matchAll([q])).found.size;
      if (total) near.push({ q, total });
      if (near.length === 3) break;
    }
    return near;
  }

  /**
   * Where each record's facets are read: from its row when few, else from its district's columns.
   * @param {number[]} numbers @param {string[]} names the facets that will be asked for
   */
  async function readFacets(numbers, names) {
    const meta = core.meta();
    const towns = names.includes("township");
    if (numbers.length <= FEW) {
      const rows = new Map((await core.readRows(numbers)).map((/** @type {any} */ r) => [r.number, r]));
      /** @param {number} n @param {string} facet */
      return (n, facet) => rows.get(n).facets[facet];
    }
    // Kind and year stand in the lists of records; columns are read for what they do not tell.
    const rest = names.some((facet) => meta.facetNames.indexOf(facet) >= meta.first);
    await readGroups(rest || towns ? numbers : numbers.filter((n) => core.tagOf(n, "kind") === undefined), rest);
    /** @type {Map<number, any>} */
    const townships = towns ? await readFine(numbers, "y-") : new Map();
    /** @param {number} n @param {string} facet */
    return (n, facet) => {
      const series = meta.series[meta.seriesOf[n]];
      const district = meta.districts[series.district][1];
      if (facet === "district") return district;
      if (facet === "kind" || facet === "year") return core.tagOf(n, facet);
      if (facet === "township") {
        const town = townships.get(core.groupOf(n, 1));
        const char = town ? town.codes[core.placeOf(n)] : " ";
        return char === " " ? "" : district + town.names[core.decodeSmall(char)];
      }
      const group = core.groups.get(core.groupOf(n, 0));
      const code = group.columns[meta.facetNames.indexOf(facet)][n - group.base];
      return code ? meta.labels[facet][code - 1] : "";
    };
  }

  /** @param {number[]} numbers @param {boolean} whole with all their facets */
  function readGroups(numbers, whole) {
    return Promise.all(Array.from(new Set(numbers.map((n) => core.groupOf(n, 0))),
      whole ? core.readRest : core.readGroup));
  }

  /** Files of townships or sort keys, by group. @param {number[]} numbers @param {string} family */
  async function readFine(numbers, family) {
    const files = new Map();
    await Promise.all(Array.from(new Set(numbers.map((n) => core.groupOf(n, 1))), async (group) => {
      files.set(group, await huanjing.load(family + group));
    }));
    return files;
  }

  /** @param {number[]} numbers @param {string} key */
  async function readSortKeys(numbers, key) {
    await readGroups(numbers, false);
    const columns = await readFine(numbers, "s-");
    /** @param {number} n */
    return (n) => columns.get(core.groupOf(n, 1))[key][core.placeOf(n)];
  }

  /** Which way each order runs; records without the value always come last. */
  /** @type {Record<string, number>} */
  const DIRECTIONS = { date: -1, fine: -1, rate: 1, name: 1 };

  /**
   * @param {number[]} numbers @param {Map<number, number>} ranks @param {string} sort
   * @param {(n: number, facet: string) => string} facetOf @param {boolean} ranked
   */
  async function sortNumbers(numbers, ranks, sort, facetOf, ranked) {
    if (DIRECTIONS[sort]) {
      const keyOf = await readSortKeys(numbers, sort);
      const keyed = numbers.map((n) => ({ n, key: keyOf(n) }));
      keyed.sort((a, b) => {
        if (a.key === b.key) return a.n - b.n;
        if (a.key === null) return 1;
        if (b.key === null) return -1;
        return (a.key < b.key ? -1 : 1) * DIRECTIONS[sort];
      });
      return keyed.map((k) => k.n);
    }
    if (!ranked) return numbers.sort((a, b) => a - b);
    // A year orders what was published in it; a project of the ledger stands, whenever it entered.
    /** @param {number} n */
    const yearOf = (n) => Number((facetOf(n, "kind") !== "project" && facetOf(n, "year")) || 9999);
    const keyed = numbers.map((n) => ({
      n, key: /** @type {any} */ (ranks.get(n)) * 10000 + 9999 - yearOf(n), pack: core.packOf(n), ties: 0,
    }));
    // Among equals those come first that have most equals beside them: their rows share files.
    /** @type {Map<string, number>} */
    const equals = new Map();
    keyed.forEach(({ key, pack }) => equals.set(key + pack, (equals.get(key + pack) || 0) + 1));
    keyed.forEach((k) => { k.ties = Number(equals.get(k.key + k.pack)); });
    keyed.sort((a, b) => a.key - b.key || b.ties - a.ties || (a.pack === b.pack ? a.n - b.n : a.pack < b.pack ? -1 : 1));
    return keyed.map((k) => k.n);
  }

  /**
   * @param {import("./types").Request} request
   * @returns {Promise<import("./types").Found>}
   */
  async function search(request) {
    const meta = await core.start();
    const text = request.q || "";
    let parts = splitQuery(text);
    let readAs = null;
    /** @type {{found: Map<number, number>, values: {text: string, list: Uint32Array}[], unread: number[]}} */
    let matched = { found: new Map(), values: [], unread: [] };
    if (parts.length) {
      matched = await matchAll(parts);
      if (!matched.found.size && /[^\u0000-\u007f]/.test(text) && await readSimplified()) {
        parts = splitQuery(text);
        matched = await matchAll(parts);
      }
      const split = !matched.found.size && parts.length === 1 ? splitDistrict(parts[0]) : null;
      if (split) {
        const other = await matchAll(split);
        if (other.found.size) {
          matched = other;
          parts = readAs = split;
        }
      }
    } else if (!text.trim() && request.filters) {
      for (let group = 0; group <= Math.floor((meta.districts.length - 1) / meta.groups[0]); group++) {
        const districts = request.filters.district;
        // A list of some districts reads those districts' columns and no others.
        if (districts && districts.length && !meta.districts.slice(group * meta.groups[0], (group + 1) * meta.groups[0])
          .some((/** @type {string[]} */ d) => districts.includes(d[1]))) continue;
        if (!meta.series.some((/** @type {any} */ s) => Math.floor(s.district / meta.groups[0]) === group)) continue;
        const data = await core.readGroup(group);
        data.places.forEach((/** @type {number} */ place, /** @type {number} */ n) => {
          if (place >= 0) matched.found.set(data.base + n, 0);
        });
      }
    }

    const all = Array.from(matched.found.keys());
    const filters = Object.entries(request.filters || {}).filter(([, labels]) => labels.length);
    // Townships are offered within districts: the province has a thousand.
    const local = filters.some(([facet]) => facet === "township" || facet === "district");
    const counted = (request.counts || ["district", "township", ...meta.facetNames])
      .filter((facet) => facet !== "township" || local || all.length <= FEW);
    const facetOf = await readFacets(all, counted.concat(filters.map(([facet]) => facet)));
    /** @param {number} n @param {string} except */
    const passes = (n, except) => filters.every(([facet, labels]) =>
      facet === except || labels.includes(facetOf(n, facet)));
    const numbers = await sortNumbers(
      filters.length ? all.filter((n) => passes(n, "")) : all,
      matched.found, request.sort || "", facetOf, parts.length > 0);
    /** @type {Record<string, import("./types").Count[]>} */
    const facets = {};
    for (const facet of counted) facets[facet] = countFacet(facet, all, filters, passes, facetOf);

    const size = request.size || 10;
    const page = Math.max(1, request.page || 1);
    const shown = numbers.slice((page - 1) * size, page * size);
    const rows = await core.readRows(shown);
    const whole = parts.length === 1 && !readAs ? all.filter((n) => matched.found.get(n) === 1) : [];
    const exact = whole.length === 1 ? (await core.readRows(whole))[0] : null;
    await explainRows(rows, parts, matched.values, matched.unread);
    return { total: numbers.length, rows, facets, parts, readAs, exact, numbers };
  }

  /** The text of a row that holds a part. @param {any} row @param {string} part */
  function findText(row, part) {
    const found = row.texts.find((/** @type {string[]} */ text) => core.fold(text[1]).includes(part));
    return found && found[1];
  }

  /**
   * Finds for each shown row the text that holds the query where its title and subtitle do not.
   * A row without any such text means files of different updates: better no answer than a wrong one.
   * @param {any[]} rows @param {string[]} parts @param {{text: string, list: Uint32Array}[]} values
   * @param {number[]} unread values that are read only to explain a row
   */
  async function explainRows(rows, parts, values, unread) {
    for (const row of rows) {
      row.match = "";
      for (const part of parts) {
        const rank = core.rankRow(row, part);
        if ((rank && rank < 4) || core.fold(row.subtitle).includes(part)) continue;
        const value = values.find((v) => v.text.includes(part) && v.list.includes(row.number));
        const sector = row.facets.sector;
        let text = findText(row, part) || (value && value.text) || (core.fold(sector).includes(part) && sector);
        if (!text && core.codeOf(part)) continue;
        if (!text) {
          await core.readTexts([row.number]);
          text = findText(row, part);
        }
        while (!text && unread.length) {
          const read = await core.readValue(/** @type {number} */ (unread.pop()));
          values.push(read);
          if (read.text.includes(part) && read.list.includes(row.number)) text = read.text;
        }
        if (!text) throw new Error(core.MIXED);
        if (text !== row.districtName && text !== row.township) row.match = row.match || text;
      }
    }
  }

  /**
   * @param {string} facet @param {number[]} all @param {[string, string[]][]} filters
   * @param {(n: number, except: string) => boolean} passes
   * @param {(n: number, facet: string) => string} facetOf
   */
  function countFacet(facet, all, filters, passes, facetOf) {
    /** @type {Map<string, number>} */
    const counted = new Map();
    for (const n of all) {
      if (filters.length && !passes(n, facet)) continue;
      const label = facetOf(n, facet);
      if (label) counted.set(label, (counted.get(label) || 0) + 1);
    }
    const order = (core.meta().labels[facet] || []);
    return Array.from(counted, ([value, count]) => ({
      value, count, label: facet === "kind" ? /** @type {any} */ (KIND_TITLES)[value] || value : value,
    })).sort((a, b) => facet === "kind" ? order.indexOf(a.value) - order.indexOf(b.value)
      : facet === "year" ? (a.value < b.value ? 1 : -1)
        : b.count - a.count || (a.value < b.value ? -1 : 1));
  }

  /**
   * Where `parts` stand in a text as it is written: folded texts have other lengths, so each
   * character is folded by itself.
   * @param {string} text @param {string[]} parts @returns {[number, number][]}
   */
  function findMarks(text, parts) {
    /** @type {number[]} */
    const origin = [];
    let folded = "";
    let at = 0;
    for (const char of text) {
      const plain = core.fold(char);
      for (let i = 0; i < plain.length; i++) origin.push(at);
      folded += plain;
      at += char.length;
    }
    origin.push(at);
    const marked = new Uint8Array(text.length + 1);
    for (const part of parts) {
      for (let i = part ? folded.indexOf(part) : -1; i >= 0; i = folded.indexOf(part, i + 1)) {
        marked.fill(1, origin[i], origin[i + part.length]);
      }
      if (core.isLatin(part)) {
        for (let i = 0; i < folded.length; i++) {
          const length = core.readingLength(folded.slice(i), part);
          if (length) marked.fill(1, origin[i], origin[i + length]);
        }
      }
    }
    /** @type {[number, number][]} */
    const marks = [];
    for (let i = 0; i < text.length; i++) {
      if (!marked[i]) continue;
      const begin = i;
      while (marked[i]) i++;
      marks.push([begin, i]);
    }
    return marks;
  }

  core.splitQuery = splitQuery;
  huanjing.engine = {
    search,
    findNear,
    readRows: core.readRows,
    fold: core.fold,
    findMarks,
    kindTitle: (kind) => /** @type {any} */ (KIND_TITLES)[kind] || kind,
  };
})();
