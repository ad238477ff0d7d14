/**
 * Reads the index: the meta file, gram shards, rows and columns. docs/search.md §4 to §8.
 *
 * Here every record has a place in the order of districts, ledgers and codes. Files name it by
 * other numbers, which stay when records come and go; they are turned into places as they are read.
 */
"use strict";

(function () {
  const core = /** @type {any} */ (huanjing).core;
  const MIXED = "检索数据前后不一致，请刷新再试。";

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

  /** Texts laid end to end, each from a capital letter on; the one that ends a text begins none. */
  /** @param {string} joined */
  function splitFront(joined) {
    return readFront(joined.match(/[A-Y][^A-Y]*/g) || []);
  }

  /** Which of so many buckets a number is in: linear hashing. @param {number} number @param {number} count */
  function chooseBucket(number, count) {
    let whole = 1;
    while (whole < count) whole *= 2;
    const bucket = number % whole;
    return bucket < count ? bucket : bucket - whole / 2;
  }

  /** Where a key settled, so many steps from where its hash points. */
  /** @param {string} key @param {number} steps @param {number} capacity @param {number} probes */
  function findHome(key, steps, capacity, probes) {
    const level = Math.floor(steps / probes);
    return level * capacity + (huanjing.checksum((level ? level + " " : "") + key) + steps % probes) % capacity;
  }

  /** @param {any} data */
  function prepareMeta(data) {
    const order = new Map();
    // Most characters lie a few places behind the one before in the GBK table.
    const table = new TextDecoder("gbk");
    const names = splitFront(data.readings[0]);
    let group = 0, at = -1;
    for (let char of data.readings[1]) {
      const sign = char.charCodeAt(0);
      if (sign === 33) {
        group++;
        continue;
      }
      if (sign > 39 && sign < 92) {
        at += sign - 39;
        char = table.decode(Uint8Array.of(176 + Math.floor(at / 94), 161 + at % 94));
      }
      order.set(char, order.size);
      core.readingsOf.set(char, data.second[char] || [names[group]]);
    }
    /** @type {any[]} */
    const series = [];
    /** Where the records of each block and of each extent begin. @type {number[][]} */
    const homes = [[], []];
    let base = 0;
    data.districts.forEach((/** @type {any[]} */ district, /** @type {number} */ d) => {
      for (const [short, packs, steps, given] of district[2]) {
        const which = packs ? 1 : 0;
        const size = data.sizes[which];
        const name = short.replace("*", district[0] || "province");
        const parts = Array.from(steps, (_, n) => given ? given[n] : n);
        const first = base;
        parts.forEach((part, n) => {
          homes[which][findHome(name + "/" + part, decodeSmall(steps[n]), data.sizes[5 + which], data.sizes[7])] = base;
          base += size;
        });
        series.push({ name, district: d, base: first, size, packs, capacity: base - first, parts });
      }
    });
    const seriesOf = new Uint16Array(base);
    series.forEach((s, n) => seriesOf.fill(n, s.base, s.base + s.capacity));
    meta = Object.assign(data, { series, seriesOf, homes, order, limit: base, tags: new Uint16Array(base),
      cuts: { t: splitFront(data.t), p: splitFront(data.p) },
      codeKeys: readFront(data.codes.split(" ")), facetNames: Object.keys(data.labels) });
    let number = 0;
    const tags = readTags(data.prose[1]);
    meta.proseList = data.prose[0].map((/** @type {number} */ gap, /** @type {number} */ n) => {
      number += gap;
      const place = number < meta.sizes[4] ? toPlace(number, 0) : toPlace(number - meta.sizes[4], 1);
      meta.tags[place] = tags[n];
      return place;
    });
    return meta;
  }

  // ---- tags: kind and year of each record that a list has told (specification §5) ----

  /** Tags from their signs, two each; none is 0, which stands for a record not told yet. */
  /** @param {string} signs @returns {number[]} */
  function readTags(signs) {
    return Array.from({ length: signs.length / 2 }, (_, n) =>
      1 + decodeSmall(signs[2 * n]) * 128 + decodeSmall(signs[2 * n + 1]));
  }

  /** A record's kind or year; undefined where no list has told it. @param {number} place @param {string} facet */
  function tagOf(place, facet) {
    const tag = meta.tags[place] - 1;
    return tag < 0 ? undefined : facet === "kind" ? meta.labels.kind[tag >> 7] : tag & 127 ? String(1999 + (tag & 127)) : "";
  }

  /** A record's place from its number among blocks (0) or extents (1). */
  /** @param {number} number @param {number} which */
  function toPlace(number, which) {
    const size = meta.sizes[which];
    const home = meta.homes[which][Math.floor(number / size)];
    if (home === undefined) throw new Error(MIXED);
    return home + number % size;
  }

  // ---- bits (specification §5) ----

  /** @param {string} text */
  function decodeBase64(text) {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  }

  /** Reads number lists: an Elias gamma length, how many are of extents, then Golomb-Rice gaps. */
  /** Behind each number stands which of the tags of its sort is its own, in unary. */
  /** @param {string} text @param {string[]} [signs] the tags of blocks and of extents */
  function readLists(text, signs) {
    const tags = (signs || ["", ""]).map(readTags);
    const bytes = decodeBase64(text);
    let at = 0;
    const bit = () => { const b = (bytes[at >> 3] >> (7 - (at & 7))) & 1; at++; return b; };
    /** @param {number} count */
    const bits = (count) => { let n = 0; while (count--) n = (n << 1) | bit(); return n; };
    const zeros = () => {
      let n = 0;
      while (!bit()) if (++n > bytes.length * 8) throw new Error(MIXED);
      return n;
    };
    /**
     * The next list; `widths` are the bits of the greatest numbers of blocks and of extents.
     * @param {number[]} widths @param {boolean} [plain] numbers as they are, not places
     */
    return (widths, plain) => {
      const width = zeros();
      const size = (1 << width) | bits(width);
      const counts = [size, bits(width + 1)];
      counts[0] -= counts[1];
      const list = new Uint32Array(size);
      let i = 0;
      counts.forEach((count, which) => {
        // One number alone stands plainly.
        const k = count === 1 ? widths[which] : 31 - Math.clz32(Math.floor(((11 << widths[which]) >> 4) / count) || 1);
        const alone = count === 1;
        for (let number = -1; count > 0; count--) {
          const high = alone ? 0 : zeros();
          number += 1 + ((high << k) | bits(k));
          list[i] = plain ? number : toPlace(number, which);
          if (!plain) {
            let rank = 0;
            while (rank < tags[which].length - 1 && !bit()) rank++;
            meta.tags[list[i]] = tags[which][rank];
          }
          i++;
        }
      });
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
      const read = readLists(data.b, data.g);
      shard = data.l.map((/** @type {string} */ labels, /** @type {number} */ kind) => {
        const grams = splitFront(labels);
        return { grams, lists: grams.map(() => kind === 4 ? read([data.s[2], 0], true)
          : family === "p" ? read(data.s, true).map((n) => meta.proseList[n]) : read(data.s)) };
      });
      shards.set(name, shard);
    }
    return shard;
  }

  /** @param {string} char */
  function orderOf(char) {
    const place = meta.order.get(char);
    return place === undefined ? 131072 + char.charCodeAt(0) : place;
  }

  /**
   * The cuts inside the grams that begin with a text, [from, to): the shard before the first one
   * begins those grams or ends with them.
   * @param {string} family @param {string} text
   */
  function findCuts(family, text) {
    const cuts = meta.cuts[family];
    const first = orderOf(text[0]), rest = text.slice(1);
    let low = 0, high = cuts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = orderOf(cuts[middle][0]);
      if (order < first || (order === first && cuts[middle].slice(1) <= rest)) low = middle + 1;
      else high = middle;
    }
    for (high = low; high < cuts.length && cuts[high].startsWith(text); high++);
    return [low, high];
  }

  /** Names of the shards that hold grams beginning with a text, or of which it is the beginning. */
  /** @param {string} family @param {string} text */
  function nameShards(family, text) {
    const [low, high] = findCuts(family, text);
    return Array.from({ length: high - low + 1 }, (_, n) => family + "-" + (low + n ? Array.from({
      length: meta.cuts[family][low + n - 1].length }, (_, i) =>
      meta.cuts[family][low + n - 1].charCodeAt(i).toString(16)).join("-") : "0"));
  }

  /** Whether so many shards would have to be read for these texts that a list was made. @param {string[]} texts */
  function isFrequent(texts) {
    const inside = new Set();
    texts.forEach((text) => {
      const [low, high] = findCuts("t", text);
      for (let n = low; n < high; n++) inside.add(n);
    });
    return inside.size >= meta.sizes[8];
  }

  /** A frequent text's values, and [rank, records] pairs. @param {string} text */
  async function readFrequent(text) {
    const data = await huanjing.load("l-" + chooseBucket(huanjing.checksum(text), meta.sizes[9]));
    const entry = data[text];
    if (!entry) throw new Error(MIXED);
    /** @type {[number, Uint32Array][]} */
    const lists = [];
    for (let n = 0; n < entry[1].length; n += 4) {
      const [rank, near, far, bits] = entry[1].slice(n, n + 4);
      lists.push([rank, readLists(bits, data.g)([near, far])]);
    }
    return { values: entry[0], lists };
  }

  /** A value by its number: field, folded text, records. @param {number} value */
  async function readValue(value) {
    const data = await huanjing.load("v-" + chooseBucket(value, meta.valueFiles));
    const entry = data[value];
    if (!entry) throw new Error(MIXED);
    return { field: entry[0], text: entry[1], list: readLists(entry[4], data.g)([entry[2], entry[3]]) };
  }

  /** Codes that begin with these characters: [place, whether it is the whole code]. */
  /** @param {string} code @returns {Promise<[number, boolean][]>} */
  async function readCodes(code) {
    /** @type {[number, boolean][]} */
    const found = [];
    const keys = meta.codeKeys.filter((/** @type {string} */ key) => key.startsWith(code)
      || (key.length === 8 && code.startsWith(key)));
    await Promise.all(keys.map(async (/** @type {string} */ key) => {
      const entries = (await huanjing.load("c-" + chooseBucket(huanjing.checksum(key), meta.codeFiles)))[key];
      if (!entries) throw new Error(MIXED);
      const rests = readFront(entries.filter((/** @type {any} */ _, /** @type {number} */ i) => i % 2 === 0));
      rests.forEach((rest, i) => {
        const [short, more] = rest.split("|");
        const full = key + short + (more || "");
        if (!full.startsWith(code)) return;
        const number = entries[2 * i + 1];
        found.push([number < 0 ? toPlace(-1 - number, 1) : toPlace(number, 0),
          full === code || (!!more && key + short === code)]);
      });
    }));
    return found;
  }

  // ---- rows (specification §6) ----

  /** @type {Map<string, Map<number, import("./types").Row>>} */
  const packs = new Map();

  /** A place within its series as packs count it: a ledger's serial, or a place in an extent. */
  /** @param {any} series @param {number} place */
  function toLocal(series, place) {
    const at = place - series.base;
    return series.parts[Math.floor(at / series.size)] * series.size + at % series.size;
  }

  /** @param {number} place */
  function namePack(place) {
    const series = meta.series[meta.seriesOf[place]];
    const local = toLocal(series, place);
    return "r-" + series.name + "-"
      + (series.packs ? chooseBucket(local, series.packs) : Math.floor(local / meta.sizes[2]));
  }

  /** A date from its day since 2000-01-01. @param {number} day */
  function toDate(day) {
    return new Date(946684800000 + day * 86400000).toISOString().slice(0, 10);
  }

  /** Signs that stand for those that a string literal would escape. @type {Record<string, number>} */
  const AWKWARD = { "¡": 34, "¢": 92, "£": 39 };
  /** @type {TextDecoder | undefined} */
  let table;

  /** Texts from their column: Chinese characters by their places in the GBK table. */
  /** @param {string | string[]} column @returns {string[]} */
  function splitTexts(column) {
    if (typeof column !== "string") return column;
    if (!table) table = new TextDecoder("gbk");
    const decoder = table;
    return column.split("\x7f").map((run, n) => n % 2 ? run.replace(/[^ ]+/g, (chinese) => {
      const bytes = Uint8Array.from(chinese, (c) => (AWKWARD[c] || c.charCodeAt(0)) + 128);
      let text = "", from = 0;
      for (let i = 0; i <= bytes.length; i += 2) {
        // Where the table ends, stock phrases begin.
        if (i < bytes.length && bytes[i] !== 248) continue;
        text += decoder.decode(bytes.subarray(from, i));
        if (i < bytes.length) text += meta.phrases[bytes[i + 1] - 161];
        from = i + 2;
      }
      return text;
    }) : run).join("").split(" ");
  }

  /** Where a record lies, from what packs count it by. @param {any} series @param {number} local */
  function fromLocal(series, local) {
    const part = series.parts.indexOf(Math.floor(local / series.size));
    if (part < 0) throw new Error(MIXED);
    return series.base + part * series.size + local % series.size;
  }

  /** @param {string} name @param {any} series */
  async function readPack(name, series) {
    let pack = packs.get(name);
    if (!pack) {
      const data = await huanjing.load(name);
      const districtName = meta.districts[series.district][1];
      const titles = splitTexts(data.t), subtitles = splitTexts(data.s), towns = splitTexts(data.w[0]);
      const made = new Map();
      let local = 0;
      data.n.forEach((/** @type {number} */ gap, /** @type {number} */ n) => {
        local += gap;
        const number = fromLocal(series, local);
        const title = titles[n];
        const letters = typeof data.i === "string" && data.i.split("|");
        const id = letters ? letters[0] + letters[1][n] + "-" + String(local % meta.sizes[3]).padStart(5, "0") : data.i[n];
        const kind = meta.labels.kind[decodeSmall(data.h[n] || data.h[0])];
        const township = towns[decodeSmall(data.w[1][n])];
        const date = data.d[n] ? toDate(data.d[n]) : "";
        /** @type {Record<string, string>} */
        const facets = {};
        meta.facetNames.forEach((/** @type {string} */ facet) => {
          const codes = data.k[facet];
          facets[facet] = !codes || codes[n] === " " ? "" : meta.labels[facet][meta.marks[facet].indexOf(codes[n])];
        });
        Object.assign(facets, { kind, year: date.slice(0, 4), township: township && districtName + township, district: districtName });
        const subtitle = subtitles[n][0] !== "!" ? subtitles[n]
          : subtitles[n][1] === "!" ? subtitles[n].slice(1) : title.slice(0, Number(subtitles[n].slice(1)));
        /** @type {[string, string][]} */
        const texts = [["township", township], ["district_name", districtName]];
        if (data.o === 1 || data.o.includes(n)) texts.push(["owner", subtitle]);
        made.set(number, {
          number, id, kind, title, subtitle, url: data.u[n] || kind + "/" + id + ".html",
          district: meta.districts[series.district][0], districtName, township, texts, whole: false, date,
          fine: n in data.f ? data.f[n] : null, rate: n in data.c ? data.c[n] : null, facets, match: "",
        });
      });
      packs.set(name, pack = made);
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

  /** Gives rows the texts that they do not show. @param {number[]} numbers */
  async function readTexts(numbers) {
    await readRows(numbers);
    await Promise.all(Array.from(new Set(numbers.map((n) => meta.seriesOf[n])), async (at) => {
      const series = meta.series[at];
      const file = "x-" + (meta.districts[series.district][0] || series.name);
      const data = !meta.bare.includes(file) && (await huanjing.load(file))[series.name];
      if (!data) return;
      const addresses = splitTexts(data[1]);
      let local = 0;
      data[0].forEach((/** @type {number} */ gap, /** @type {number} */ i) => {
        local += gap;
        const place = fromLocal(series, local);
        const pack = packs.get(namePack(place));
        const row = pack && pack.get(place);
        if (!row || row.whole) return;
        row.whole = true;
        if (addresses[i]) row.texts.push(["address", row.township + addresses[i]]);
        const rest = data[2][i] || [];
        for (let n = 0; n < rest.length; n += 2) row.texts.push([meta.fields[rest[n]], rest[n + 1]]);
      });
    }));
  }

  // ---- columns (specification §7) ----

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
      const read = readRange(await huanjing.load("f-" + group));
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
          present = read(chances, (series.packs ? 0 : 2) + present);
          if (!present) continue;
          places[n] = count++;
          readFacets(n);
          const year = columns[1][n];
          meta.tags[base + n] = columns[0][n] * 128 - 127 + (year ? Number(meta.labels.year[year - 1]) - 1999 : 0);
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

  Object.assign(core, {
    start, meta: () => meta, tagOf, readShard, nameShards, findCuts, isFrequent, readFrequent, readValue, readCodes, readRows, readTexts, readGroup, readRest, groupOf,
    placeOf, packOf: namePack, decodeSmall, groups, MIXED,
  });
})();
