/**
 * The query engine: folds a query as the index was folded, finds its gram shards, and answers
 * with exact totals, facet counts and rows. docs/search.md is its specification.
 */
"use strict";

(function () {
  const END = "Z";
  const MIXED = "检索数据前后不一致，请刷新再试。";
  const DOUBTS = 6; // Doubtful records whose rows are cheaper to read than another shard.
  const FEW = 10; // Hits whose rows are shown at once, so that their facets are read from them.
  const KIND_TITLES = {
    enterprise: "企业", project: "项目", case: "曝光案例", district: "区县", township: "乡镇街道",
    body: "责任单位", duty: "责任", week: "每周曝光", bulletin: "通报", field: "数据字段", page: "页面",
  };
  const OWNERS = ["owner", "former_name", "short_name"];

  // ---- folding (specification §2) ----

  const REMOVED = new RegExp("[\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u061c\\u1680\\u180e\\u2000-\\u200f"
    + "\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufe00-\\ufe0f\\ufeff\\ufff9-\\ufffb\"'`\\u00b4\\u2018-\\u201f"
    + "\\u2032\\u2033\\u301d-\\u301f]", "g");
  /** @type {Map<string, string>} */
  const MARKS = new Map();
  for (const [marks, plain] of [["([{<【〔〖「『《〈〘〚｛［（", "("], [")]}>】〕〗」』》〉〙〛｝］）", ")"],
    ["-‐‑‒–—―−－﹣﹘~～〜﹏", "-"], ["·•‧・∙⋅", "·"]]) {
    for (const mark of marks) MARKS.set(mark, plain);
  }
  /** @type {Map<string, string>} Traditional to simplified; filled when a query needs it. */
  const simplified = new Map();

  /** @param {string} text */
  function foldChar(text) {
    const lower = text.toLowerCase();
    return Array.from(lower, (c) => MARKS.get(c) || simplified.get(c) || c).join("").replace(REMOVED, "");
  }

  /** @param {string} text */
  function fold(text) {
    return Array.from(text.normalize("NFKC"), foldChar).join("");
  }

  // ---- the meta file ----

  /** @type {any} */
  let meta = null;
  /** @type {Promise<any> | null} */
  let starting = null;

  function start() {
    if (!starting) {
      starting = huanjing.load("meta").then(prepareMeta);
      starting.catch(() => { starting = null; });
    }
    return starting;
  }

  /** Codes from their front-coded forms. @param {string[]} coded */
  function readFront(coded) {
    let previous = "";
    return coded.map((text) => (previous = previous.slice(0, text.charCodeAt(0) - 65) + text.slice(1)));
  }

  /** The power of two, at least 64, that holds so many. @param {number} needed */
  function chooseCapacity(needed) {
    let capacity = 64;
    while (capacity < needed) capacity *= 2;
    return capacity;
  }

  /** @param {any} data */
  function prepareMeta(data) {
    const order = new Map();
    /** @type {Map<string, string[]>} */
    const readings = new Map();
    for (const group of data.readings) {
      const [reading, chars] = group.split(" ");
      for (const char of chars) {
        order.set(char, order.size);
        readings.set(char, data.second[char] || [reading]);
      }
    }
    const seriesOf = new Uint16Array(data.limit);
    let base = 0;
    /** @type {any[]} */
    const series = [];
    data.districts.forEach((/** @type {any[]} */ district, /** @type {number} */ d) => {
      for (const [name, capacity, span, serial] of district[2]) {
        seriesOf.fill(series.length, base, base + capacity);
        series.push({ name: name.replace("*", district[0] || "province"), district: d, base, capacity, span, serial });
        base += capacity;
      }
    });
    let number = 0;
    const proseNumbers = data.prose.map((/** @type {number} */ gap) => (number += gap));
    let values = 0;
    data.values.forEach((/** @type {any[]} */ run) => { values += run[1]; });
    meta = Object.assign(data, {
      series, codeKeys: readFront(data.codes.split(" ")), proseNumbers, proseSpace: chooseCapacity(proseNumbers.length), valueSpace: chooseCapacity(values), order, readingsOf: readings, seriesOf, facetNames: Object.keys(data.labels) });
    return meta;
  }

  // ---- bits (specification §5) ----

  /** @param {string} text */
  function decodeBase64(text) {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  }

  /** Reads number lists: an Elias gamma length, then Golomb-Rice gaps. @param {string} text */
  function readLists(text) {
    const bytes = decodeBase64(text);
    let at = 0;
    const bit = () => { const b = (bytes[at >> 3] >> (7 - (at & 7))) & 1; at++; return b; };
    /** @param {number} count */
    const bits = (count) => { let n = 0; while (count--) n = (n << 1) | bit(); return n; };
    const zeros = () => {
      let n = 0;
      while (!bit()) if (++n > bytes.length * 8) throw new Error("damaged list");
      return n;
    };
    /** @param {number} space */
    return (space) => {
      const width = zeros();
      const size = (1 << width) | bits(width);
      const k = Math.max(31 - Math.clz32(Math.floor(((space * 11) >> 4) / size) || 1), 0);
      const list = new Uint32Array(size);
      let number = -1;
      for (let i = 0; i < size; i++) {
        const high = zeros();
        number += 1 + ((high << k) | bits(k));
        list[i] = number;
      }
      return list;
    };
  }

  // ---- gram shards ----

  /** @type {Map<string, any>} */
  const shards = new Map();

  /** @param {string} family @param {string} name */
  async function readShard(family, name) {
    let shard = shards.get(name);
    if (!shard) {
      const data = await huanjing.load(name);
      const read = readLists(data.b);
      shard = data.l.map((/** @type {string} */ labels, /** @type {number} */ kind) => {
        const space = family === "p" ? meta.proseSpace : kind === 4 ? meta.valueSpace : meta.limit;
        const grams = [], lists = [];
        let previous = "";
        for (let i = 0; i < labels.length;) {
          const shared = labels.charCodeAt(i) - 65;
          let end = i + 1;
          while (end < labels.length && !isLength(labels.charCodeAt(end))) end++;
          previous = previous.slice(0, shared) + labels.slice(i + 1, end);
          grams.push(previous);
          lists.push(read(space));
          i = end;
        }
        return { grams, lists };
      });
      shards.set(name, shard);
    }
    return shard;
  }

  /** Capital letters give a shared length, but for the one that ends a text. @param {number} unit */
  function isLength(unit) {
    return unit >= 65 && unit < 90;
  }

  /** @param {string} char */
  function orderOf(char) {
    const place = meta.order.get(char);
    return place === undefined ? 131072 + char.charCodeAt(0) : place;
  }

  /** Names of the shards that hold grams beginning with one or two characters. */
  /** @param {string} family @param {string} gram */
  function nameShards(family, gram) {
    const key = orderOf(gram[0]) * 65536;
    const low = gram.length > 1 ? key + gram.charCodeAt(1) : key;
    const high = gram.length > 1 ? low : key + 65535;
    const cuts = meta[family];
    const names = [];
    let begin = 0;
    for (let n = 0; n <= cuts.length; n++) {
      const cut = n < cuts.length ? cuts[n] : "";
      const end = cut ? orderOf(cut[0]) * 65536 + (cut.length > 1 ? cut.charCodeAt(1) : 0) : Infinity;
      if (begin <= high && end > low) {
        const opening = n ? cuts[n - 1] : "";
        names.push(family + "-" + (Array.from({ length: opening.length }, (_, i) =>
          opening.charCodeAt(i).toString(16)).join("-") || "0"));
      }
      begin = end;
    }
    return names;
  }

  // ---- matching one part (specification §3) ----

  const SURE = 2, MAYBE = 1, NONE = 0;

  /** @param {string} gram @param {string} part */
  function matchLiteral(gram, part) {
    return gram.startsWith(part) ? SURE : part.startsWith(gram) ? MAYBE : NONE;
  }

  /** Whether a gram's readings begin with Latin letters: whole syllables, the last may be cut. */
  /** @param {string} gram @param {string} part @returns {number} */
  function matchReading(gram, part) {
    if (!gram) return MAYBE;
    let best = NONE;
    for (const reading of meta.readingsOf.get(gram[0]) || []) {
      if (reading.startsWith(part)) return SURE;
      if (part.startsWith(reading)) {
        best = Math.max(best, matchReading(gram.slice(1), part.slice(reading.length)));
      }
    }
    return best;
  }

  /** @param {string} gram @param {string} part */
  function matchInitials(gram, part) {
    const length = Math.min(gram.length, part.length);
    for (let i = 0; i < length; i++) {
      if (!(meta.readingsOf.get(gram[i]) || []).some((/** @type {string} */ r) => r[0] === part[i])) return NONE;
    }
    return gram.length >= part.length ? SURE : MAYBE;
  }

  /** @param {string} gram @param {string} part */
  function matchLatin(gram, part) {
    return Math.max(matchReading(gram, part), matchInitials(gram, part));
  }

  /** How many characters of a text the Latin part covers from its beginning; 0 when it does not. */
  /** @param {string} text @param {string} part */
  function readingLength(text, part) {
    for (let length = 1; length <= Math.min(text.length, part.length); length++) {
      if (matchLatin(text.slice(0, length), part) === SURE) return length;
    }
    return 0;
  }

  /** @param {string} part */
  function isLatin(part) {
    return /^[a-z]{2,}$/.test(part);
  }

  /** @param {string} part A code has a digit and four characters. */
  function codeOf(part) {
    const code = part.replace(/[^0-9a-z]/g, "");
    return code.length >= 4 && /[0-9]/.test(code) && /^[0-9a-z-]+$/.test(part) ? code : "";
  }

  /**
   * A record's rank for a part from its own texts: 1 title, 2 title begins with it, 3 inside the
   * title, 4 owner or other names, 5 other texts, 0 none.
   * @param {import("./types").Row} row @param {string} part
   */
  function rankRow(row, part) {
    const title = fold(row.title);
    if (title === part) return 1;
    if (title.startsWith(part)) return 2;
    let rank = title.includes(part) ? 3 : 6;
    if (isLatin(part)) {
      for (let i = 0; i < title.length && rank > 2; i++) {
        if (matchLatin(title.slice(i) + END, part) === SURE) rank = Math.min(rank, i ? 3 : 2);
      }
    }
    if (rank > 3) {
      for (const [name, text] of row.texts) {
        if (fold(text).includes(part)) rank = Math.min(rank, OWNERS.includes(name) ? 4 : 5);
      }
    }
    return rank > 5 ? 0 : rank;
  }

  /**
   * Ranks by record number; 0 is no hit. Doubts are numbers to be compared with their texts: 1 for
   * short ones, 2 for prose. Values are those found, with their records.
   */
  class Hits {
    constructor() {
      this.ranks = new Uint8Array(meta.limit);
      /** @type {Map<number, number>} */
      this.doubts = new Map();
      /** @type {{text: string, list: Uint32Array}[]} */
      this.values = [];
    }

    /** @param {number} number @param {number} where */
    doubt(number, where) {
      this.doubts.set(number, where | (this.doubts.get(number) || 0));
    }

    /** @param {ArrayLike<number>} numbers @param {number} rank */
    add(numbers, rank) {
      for (let i = 0; i < numbers.length; i++) {
        const old = this.ranks[numbers[i]];
        if (!old || old > rank) this.ranks[numbers[i]] = rank;
      }
    }
  }

  /**
   * Where grams of a part are to be looked for: by the part itself, and, as no gram begins inside
   * a stock phrase, by every phrase that the part may begin inside of.
   * @param {string} part @param {(gram: string, part: string) => number} match
   */
  function listBeginnings(part, match) {
    const beginnings = [{ phrase: "", skip: 0 }];
    for (const phrase of meta.phrases) {
      for (let skip = 1; skip < phrase.length; skip++) {
        if (match(phrase.slice(skip), part)) beginnings.push({ phrase, skip });
      }
    }
    return beginnings;
  }

  /** @param {string} part */
  async function matchPart(part) {
    const hits = new Hits();
    const tasks = [
      matchFamily("t", part, matchLiteral, 5, hits),
      matchFamily("p", part, matchLiteral, 5, hits),
    ];
    tasks.push(matchDistricts(part, hits));
    if (isLatin(part)) tasks.push(matchFamily("t", part, matchLatin, 2, hits));
    const code = codeOf(part);
    if (code) tasks.push(matchCodes(code, hits));
    await Promise.all(tasks);
    await narrowDoubts(part, hits);
    await settleDoubts(part, hits);
    return hits;
  }

  /** @param {string} family @param {string} part @param {any} match @param {string} phrase */
  function listShards(family, part, match, phrase) {
    if (phrase) return nameShards(family, phrase.slice(0, 2));
    if (match === matchLiteral) return nameShards(family, part.slice(0, 2));
    const names = new Set();
    meta.readingsOf.forEach((/** @type {string[]} */ _readings, /** @type {string} */ char) => {
      if (match(char, part)) nameShards(family, char).forEach((name) => names.add(name));
    });
    return Array.from(names);
  }

  /**
   * @param {string} family @param {string} part
   * @param {(gram: string, part: string) => number} match
   * @param {number} classes how many of the classes count: two are the titles' @param {Hits} hits
   */
  async function matchFamily(family, part, match, classes, hits) {
    /** @type {Set<number>[]} */
    const values = [new Set(), new Set()];
    const proseSure = new Set(), proseDoubt = new Set();
    await Promise.all(listBeginnings(part, match).map(async ({ phrase, skip }) => {
      const names = listShards(family, part, match, phrase);
      for (const shard of await Promise.all(names.map((name) => readShard(family, name)))) {
        for (let kind = 0; kind < classes; kind++) {
          const { grams, lists } = shard[kind];
          for (let i = 0; i < grams.length; i++) {
            const gram = grams[i];
            const found = gram.startsWith(phrase) ? match(gram.slice(skip), part)
              : phrase.startsWith(gram) ? MAYBE : NONE;
            if (!found) continue;
            if (family === "p") {
              lists[i].forEach((/** @type {number} */ n) => (found === SURE ? proseSure : proseDoubt).add(n));
            } else if (kind === 4) {
              lists[i].forEach((/** @type {number} */ n) => values[found - 1].add(n));
            } else if (found === SURE) {
              // A place inside a phrase that begins the title does not begin the title.
              hits.add(lists[i], skip ? Math.max(kind + 2, 3) : gram === part + END && !kind ? 1 : kind + 2);
              if (gram === part && !kind) lists[i].forEach((/** @type {number} */ n) => hits.doubt(n, 1));
            } else {
              lists[i].forEach((/** @type {number} */ n) => hits.doubt(n, 1));
            }
          }
        }
      }
    }));
    const records = meta.proseNumbers;
    hits.add(Array.from(proseSure, (n) => records[n]), 5);
    proseDoubt.forEach((n) => hits.doubt(records[n], 2));
    if (values[0].size || values[1].size) await matchValues(values, part, hits);
  }

  /** A district's name belongs to all its records: no list is needed. */
  /** @param {string} part @param {Hits} hits */
  async function matchDistricts(part, hits) {
    for (const series of meta.series) {
      if (!fold(meta.districts[series.district][1]).includes(part)) continue;
      const { base, places } = await readGroup(groupOf(series.base, 0));
      for (let n = series.base; n < series.base + series.capacity; n++) if (places[n - base] >= 0) hits.add([n], 5);
    }
  }

  /** @param {Set<number>[]} values doubtful and sure value numbers @param {string} part @param {Hits} hits */
  async function matchValues(values, part, hits) {
    const all = new Set([...Array.from(values[0]), ...Array.from(values[1])]);
    await Promise.all(Array.from(all, async (value) => {
      let base = 0;
      for (const [field, capacity, files] of meta.values) {
        if (value < base + capacity) {
          const name = "v-" + field.replace(/_/g, "-") + "-" + (value % files);
          const [text, list] = (await huanjing.load(name))[value - base];
          if (!text.includes(part)) return;
          hits.values.push({ text, list: readLists(list)(meta.limit) });
          hits.add(hits.values[hits.values.length - 1].list, 5);
          return;
        }
        base += capacity;
      }
    }));
  }

  /** @param {string} code @param {Hits} hits */
  async function matchCodes(code, hits) {
    const keys = meta.codeKeys.filter((/** @type {string} */ key) => key.startsWith(code)
      || (key.length === 8 && code.startsWith(key)));
    await Promise.all(keys.map(async (/** @type {string} */ key) => {
      const entries = (await huanjing.load("c-" + (huanjing.checksum(key) % meta.codeFiles)))[key];
      const rests = readFront(entries.filter((/** @type {any} */ _, /** @type {number} */ i) => i % 2 === 0));
      rests.forEach((rest, i) => {
        const number = entries[2 * i + 1];
        const [short, more] = rest.split("|");
        if (!(key + short + (more || "")).startsWith(code)) return;
        const whole = key + short + (more || "") === code || (more && key + short === code);
        hits.add([number], whole ? 1 : 5);
      });
    }));
  }

  /**
   * Where a part runs past its leaf and many records are in doubt, its other places rule most out
   * before any row is read.
   * @param {string} part @param {Hits} hits
   */
  async function narrowDoubts(part, hits) {
    if (isLatin(part)) return;
    const places = Array.from({ length: Math.max(part.length - 2, 0) }, (_, i) => i + 1);
    // Places that begin inside no stock phrase need one shard; later ones tell more.
    const costs = places.map((i) => listBeginnings(part.slice(i), matchLiteral).length);
    places.sort((a, b) => costs[a - 1] - costs[b - 1] || b - a);
    for (let tries = 0; tries < 3 && tries < places.length && hits.doubts.size > DOUBTS; tries++) {
      const rest = new Hits();
      const tail = part.slice(places[tries]);
      const wanted = Array.from(hits.doubts.values()).reduce((all, where) => all | where, 0);
      await Promise.all([wanted & 1 ? "t" : "", wanted & 2 ? "p" : ""].filter(Boolean).map((family) =>
        matchFamily(family, tail, matchLiteral, 4, rest)));
      hits.doubts.forEach((_, n) => {
        if (!rest.ranks[n] && !rest.doubts.has(n)) hits.doubts.delete(n);
      });
    }
  }

  /** @param {string} part @param {Hits} hits */
  async function settleDoubts(part, hits) {
    const numbers = Array.from(hits.doubts.keys());
    await readTexts(numbers.filter((n) => Number(hits.doubts.get(n)) & 2));
    for (const row of await readRows(numbers)) {
      const rank = rankRow(row, part);
      if (rank) hits.add([row.number], rank);
    }
    hits.doubts.clear();
  }

  // ---- rows and columns (specification §6, §7) ----

  /** @type {Map<string, Map<number, import("./types").Row>>} */
  const packs = new Map();

  /** @param {number} number */
  function namePack(number) {
    const series = meta.series[meta.seriesOf[number]];
    return "r-" + series.name + "-" + Math.floor((number - series.base) / series.span);
  }

  /** A date from its day since 2000-01-01. @param {number} day */
  function toDate(day) {
    return new Date(946684800000 + day * 86400000).toISOString().slice(0, 10);
  }

  /** @param {string} name @param {any} series */
  async function readPack(name, series) {
    let pack = packs.get(name);
    if (!pack) {
      const data = JSON.parse((await huanjing.load(name)).replace(/[\ue000-\ue0ff]/g,
        (/** @type {string} */ mark) => meta.phrases[mark.charCodeAt(0) - 0xe000] || mark));
      const districtName = meta.districts[series.district][1];
      pack = new Map();
      let number = series.base;
      data.n.forEach((/** @type {number} */ gap, /** @type {number} */ n) => {
        number += gap;
        const title = data.t[n];
        const letters = typeof data.i === "string" && data.i.split("|");
        const id = letters ? letters[0] + letters[1][n] + "-" + String(number - series.base).padStart(5, "0") : data.i[n];
        /** @param {string | number} text */
        const lengthen = (text) => typeof text === "number" ? title.slice(0, text) : text;
        /** @type {Record<string, string>} */
        const facets = {};
        meta.facetNames.forEach((/** @type {string} */ facet, /** @type {number} */ f) => {
          facets[facet] = data.k[n][f] === " " ? "" : meta.labels[facet][decodeSmall(data.k[n][f])];
        });
        facets.township = data.w[n] ? districtName + data.w[n] : "";
        facets.district = districtName;
        const subtitle = lengthen(data.s[n]);
        /** @type {[string, string][]} */
        const texts = [["township", data.w[n]], ["district_name", districtName]];
        let long = false;
        const flat = typeof data.x[n] === "string" ? [meta.fields.indexOf("owner"), 0, meta.fields.indexOf("address"), data.x[n]]
          : data.x[n];
        for (let i = 0; i < flat.length; i += 2) {
          if (flat[i] < 0) long = true;
          else texts.push([meta.fields[flat[i]], flat[i + 1] === 0 ? subtitle : lengthen(flat[i + 1])]);
        }
        /** @type {any} */ (pack).set(number, {
          number, id, kind: facets.kind, title, subtitle,
          url: data.u[n] || facets.kind + "/" + id + ".html",
          district: meta.districts[series.district][0], districtName, township: data.w[n], texts, long, date: data.d[n] && toDate(data.d[n]), fine: data.f[n], rate: data.c[n],
          facets, match: "",
        });
      });
      packs.set(name, pack);
    }
    return pack;
  }

  /** A small number from its character. @param {string} char */
  function decodeSmall(char) {
    const code = char.charCodeAt(0);
    return code - (code < 0x4e00 ? 35 : 0x4e00);
  }

  /** The rows of records, in the order of `numbers`. @param {number[]} numbers */
  async function readRows(numbers) {
    await start();
    const names = new Map();
    numbers.forEach((n) => names.set(namePack(n), meta.series[meta.seriesOf[n]]));
    await Promise.all(Array.from(names, ([name, series]) => readPack(name, series)));
    return numbers.map((n) => {
      const row = /** @type {any} */ (packs.get(namePack(n))).get(n);
      if (!row) throw new Error(MIXED);
      return row;
    });
  }

  /** Gives rows their long texts. @param {number[]} numbers */
  async function readTexts(numbers) {
    await Promise.all((await readRows(numbers)).map(async (row) => {
      if (!row.long) return;
      row.long = false;
      const district = meta.districts[meta.series[meta.seriesOf[row.number]].district][0];
      const flat = (await huanjing.load("x-" + (district || "province")))[row.number];
      if (!flat) throw new Error(MIXED);
      for (let i = 0; i < flat.length; i += 2) row.texts.push([meta.fields[flat[i]], flat[i + 1]]);
    }));
  }

  /** @type {Map<number, any>} */
  const groups = new Map();

  /** The file of a number's facets (0) or of its township and sort keys (1). */
  /** @param {number} number @param {number} which */
  function groupOf(number, which) {
    return Math.floor(meta.series[meta.seriesOf[number]].district / meta.groups[which]);
  }

  /** A record's place among the records of its finer group. @param {number} number */
  function placeOf(number) {
    const data = groups.get(groupOf(number, 0));
    const fine = groupOf(number, 1);
    let first = data.firsts.get(fine);
    if (first === undefined) {
      const series = meta.series.find((/** @type {any} */ s) => Math.floor(s.district / meta.groups[1]) === fine);
      let at = series.base - data.base;
      while (data.places[at] < 0) at++;
      first = data.places[at];
      data.firsts.set(fine, first);
    }
    return data.places[number - data.base] - first;
  }

  /** Reads bits as the index wrote them, each by the chance of a node in its context. */
  /** @param {string} text */
  function readRange(text) {
    const bytes = decodeBase64(text);
    let low = 0, high = 0xffffffff, value = 0, at = 0;
    for (; at < 4; at++) value = (value * 256 + bytes[at]) % 4294967296;
    /** @param {Uint16Array} chances chance and count of every node by turns @param {number} node */
    return (chances, node) => {
      const chance = chances[2 * node];
      const middle = low + ((high - low) >>> 16) * chance;
      const shift = 32 - Math.clz32(Math.min(++chances[2 * node + 1], 32));
      const bit = value <= middle ? 1 : 0;
      if (bit) {
        high = middle;
        chances[2 * node] = chance + ((65535 - chance) >> shift);
      } else {
        low = middle + 1;
        chances[2 * node] = Math.max(chance - (chance >> shift), 64);
      }
      if (chances[2 * node + 1] > 999) chances[2 * node + 1] = 999;
      while (((low ^ high) >>> 24) === 0) {
        low = (low << 8) >>> 0;
        high = ((high << 8) | 255) >>> 0;
        value = ((value << 8) | bytes[at++]) >>> 0;
      }
      return bit;
    };
  }

  /** Chances of a half for so many nodes. @param {number} nodes */
  function makeChances(nodes) {
    return new Uint16Array(2 * nodes).map((_, n) => (n & 1 ? 0 : 32768));
  }

  /**
   * Reads facet codes, each in the context of its facet, the kind, and another code: that of the
   * facet before it, or with `last` that of the same facet in the record before.
   * @param {(chances: Uint16Array, node: number) => number} read @param {number} first @param {number} end
   * @param {any[]} columns @param {number[]} [last]
   */
  function facetReader(read, first, end, columns, last) {
    /** @type {string[]} */
    const facets = meta.facetNames;
    const widths = facets.map((f) => 32 - Math.clz32(meta.labels[f].length));
    const contexts = facets.map(() => new Map());
    /** @param {number} n */
    return (n) => {
      let before = 0;
      for (let f = first; f < end; f++) {
        const context = ((f ? columns[0][n] : 0) << 12) + (last ? last[f] : before);
        let chances = contexts[f].get(context);
        if (!chances) contexts[f].set(context, (chances = makeChances(1 << widths[f])));
        let node = 1;
        for (let w = widths[f]; w > 0; w--) node = node * 2 + read(chances, node);
        before = columns[f][n] = node - (1 << widths[f]);
        if (last) last[f] = before;
      }
    };
  }

  /** Which numbers of a group of districts have a record, and the first facets' codes. */
  /** @param {number} group */
  async function readGroup(group) {
    let data = groups.get(group);
    if (!data) {
      const read = readRange(group ? await huanjing.load("f-" + group) : meta.facets);
      const run = meta.series.filter((/** @type {any} */ s) => Math.floor(s.district / meta.groups[0]) === group);
      const base = run[0].base;
      const end = run[run.length - 1].base + run[run.length - 1].capacity;
      const columns = meta.facetNames.map(() => new Uint16Array(end - base));
      const readFacets = facetReader(read, 0, meta.first, columns, meta.facetNames.map(() => 0));
      const places = new Int32Array(end - base).fill(-1);
      const chances = makeChances(4);
      let count = 0;
      for (const series of run) {
        let present = 1;
        for (let n = series.base - base; n < series.base - base + series.capacity; n++) {
          present = read(chances, (series.serial ? 2 : 0) + present);
          if (!present) continue;
          places[n] = count++;
          readFacets(n);
        }
      }
      data = { base, columns, places, firsts: new Map(), whole: false };
      groups.set(group, data);
    }
    return data;
  }

  /** The other facets' codes too. @param {number} group */
  async function readRest(group) {
    const data = await readGroup(group);
    if (!data.whole) {
      const read = readRange(await huanjing.load("e-" + group));
      const readFacets = facetReader(read, meta.first, meta.facetNames.length, data.columns);
      data.places.forEach((/** @type {number} */ place, /** @type {number} */ n) => { if (place >= 0) readFacets(n); });
      data.whole = true;
    }
    return data;
  }

  /** @type {any} */ (huanjing).core = {
    start, fold, codeOf, isLatin, matchPart, rankRow, readingLength, readRows, readTexts, readGroup, readRest, groupOf,
    placeOf, decodeSmall, simplified, groups, meta: () => meta, FEW, MIXED, KIND_TITLES,
  };
})();
