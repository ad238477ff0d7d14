/**
 * Finds the records that hold one part of a query. docs/search.md §3, §5.
 */
"use strict";

(function () {
  const core = /** @type {any} */ (huanjing).core;
  const { END, SURE, MAYBE, NONE, fold, isLatin, matchLiteral, matchLatin } = core;
  const DOUBTS = 2; // Doubtful records whose rows are cheaper to read than another shard.
  const VALUE = 4; // The class of grams that lead to values.

  /**
   * Ranks by record; 0 is no hit. Doubts are records to be compared with their texts: 1 for titles,
   * 2 for short texts; 4 and 8 for the same of records with prose. Values are those found, with
   * their records; unread are the numbers of values whose records are known without.
   */
  class Hits {
    constructor() {
      this.ranks = new Uint8Array(core.meta().limit);
      /** @type {Map<number, number>} */
      this.doubts = new Map();
      /** @type {{text: string, list: Uint32Array}[]} */
      this.values = [];
      /** @type {number[]} */
      this.unread = [];
    }

    /** @param {ArrayLike<number>} numbers @param {number} where */
    doubt(numbers, where) {
      for (let i = 0; i < numbers.length; i++) {
        this.doubts.set(numbers[i], where | (this.doubts.get(numbers[i]) || 0));
      }
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
    for (const phrase of core.meta().phrases) {
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
      matchLiterally("t", part, hits),
      matchLiterally("p", part, hits),
      matchDistricts(part, hits),
    ];
    if (isLatin(part)) tasks.push(matchFamily("t", part, matchLatin, 2, hits), matchFamily("p", part, matchLatin, 2, hits));
    const code = core.codeOf(part);
    if (code) tasks.push(matchCodes(code, hits));
    await Promise.all(tasks);
    await narrowDoubts(part, hits);
    await settleDoubts(part, hits);
    return hits;
  }

  /** What grams begin with where a part stands behind so much of a phrase. */
  /** @param {string} part @param {{phrase: string, skip: number}} beginning */
  function spell(part, { phrase, skip }) {
    return phrase + part.slice(phrase.length - skip);
  }

  /** @param {string} family @param {string} part @param {Hits} hits */
  async function matchLiterally(family, part, hits) {
    const frequent = family === "t" && core.isFrequent(listBeginnings(part, matchLiteral).map((at) => spell(part, at)));
    if (!frequent) return matchFamily(family, part, matchLiteral, 5, hits);
    const { values, lists } = await core.readFrequent(part);
    lists.forEach((/** @type {[number, Uint32Array]} */ [rank, list]) => hits.add(list, rank));
    hits.unread.push(...values);
  }

  /** @param {string} family @param {string} part @param {any} match @param {{phrase: string, skip: number}} beginning */
  function listShards(family, part, match, beginning) {
    const names = new Set();
    /** @param {string} text */
    const name = (text) => core.nameShards(family, text).forEach((/** @type {string} */ shard) => names.add(shard));
    if (match === matchLiteral) {
      const text = spell(part, beginning);
      name(text);
      // A township's name may end where the part goes on as an address.
      for (let n = 2; n < text.length; n++) name(text.slice(0, n) + END);
      return Array.from(names);
    }
    /** Grams that begin with a text, told by one character more where they fill several shards. */
    /** @param {string} text */
    const reach = (text) => {
      const [low, high] = core.findCuts(family, text);
      if (low === high || match(text.slice(beginning.skip), part) === SURE) name(text);
      else core.readingsOf.forEach((/** @type {string[]} */ _, /** @type {string} */ char) => {
        if (match(text.slice(beginning.skip) + char, part)) name(text + char);
      });
    };
    if (beginning.phrase) reach(beginning.phrase);
    else core.readingsOf.forEach((/** @type {string[]} */ _, /** @type {string} */ char) => { if (match(char, part)) reach(char); });
    return Array.from(names);
  }

  /**
   * @param {string} family @param {string} part
   * @param {(gram: string, part: string) => number} match
   * @param {number} classes how many of the classes count: two are the titles' @param {Hits} hits
   */
  async function matchFamily(family, part, match, classes, hits) {
    /** @type {Set<number>} */
    const values = new Set();
    const scale = family === "p" ? 4 : 1;
    await Promise.all(listBeginnings(part, match).map(async (beginning) => {
      const { phrase, skip } = beginning;
      const names = listShards(family, part, match, beginning);
      for (const shard of await Promise.all(names.map((/** @type {string} */ name) => core.readShard(family, name)))) {
        for (let kind = 0; kind < classes; kind++) {
          const { grams, lists } = shard[kind];
          for (let i = 0; i < grams.length; i++) {
            const gram = grams[i];
            const tail = gram.slice(skip);
            let found = gram.startsWith(phrase) ? match(tail, part) : phrase.startsWith(gram) ? MAYBE : NONE;
            // An address goes on where the name of its township ends.
            if (kind === VALUE && tail.length > 2 && tail.endsWith(END) && part.startsWith(tail.slice(0, -1))) found = MAYBE;
            if (!found) continue;
            if (kind === VALUE) {
              lists[i].forEach((/** @type {number} */ n) => values.add(n));
            } else if (found === MAYBE) {
              hits.doubt(lists[i], (kind < 2 ? 1 : 2) * scale);
            } else {
              // A place inside a phrase that begins the title does not begin the title.
              hits.add(lists[i], skip ? Math.max(kind + 2, 3) : gram === part + END && !kind ? 1 : kind + 2);
              if (gram === part && !kind) hits.doubt(lists[i], scale);
            }
          }
        }
      }
    }));
    await Promise.all(Array.from(values, (value) => matchValue(value, part, hits)));
  }

  /** A district's name belongs to all its records: no list is needed. */
  /** @param {string} part @param {Hits} hits */
  async function matchDistricts(part, hits) {
    const { series, districts } = core.meta();
    for (const { district, base, capacity } of series) {
      if (!fold(districts[district][1]).includes(part)) continue;
      const group = await core.readGroup(core.groupOf(base, 0));
      for (let n = base; n < base + capacity; n++) if (group.places[n - group.base] >= 0) hits.add([n], 5);
    }
  }

  /** @param {number} value @param {string} part @param {Hits} hits */
  async function matchValue(value, part, hits) {
    const { field, text, list } = await core.readValue(value);
    if (text.includes(part)) {
      hits.values.push({ text, list });
      hits.add(list, 5);
    } else if (field === "township") {
      for (let i = 0; i < text.length - 1; i++) if (part.startsWith(text.slice(i))) hits.doubt(list, 2);
    }
  }

  /** @param {string} code @param {Hits} hits */
  async function matchCodes(code, hits) {
    for (const [number, whole] of await core.readCodes(code)) hits.add([number], whole ? 1 : 5);
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
      await Promise.all([wanted & 3 ? "t" : "", wanted & 12 ? "p" : ""].filter(Boolean).map((family) =>
        matchLiterally(family, tail, rest)));
      hits.doubts.forEach((_, n) => {
        if (!rest.ranks[n] && !rest.doubts.has(n)) hits.doubts.delete(n);
      });
    }
  }

  /** @param {string} part @param {Hits} hits */
  async function settleDoubts(part, hits) {
    const numbers = Array.from(hits.doubts.keys());
    const rows = await core.readRows(numbers);
    // Texts that rows do not show are read where only they can tell.
    await core.readTexts(rows.filter((/** @type {any} */ row) => {
      const rank = core.rankRow(row, part);
      return Number(hits.doubts.get(row.number)) & 10 && (!rank || rank > 4);
    }).map((/** @type {any} */ row) => row.number));
    for (const row of rows) {
      const rank = core.rankRow(row, part);
      if (rank) hits.add([row.number], rank);
    }
    hits.doubts.clear();
  }

  core.matchPart = matchPart;
})();
