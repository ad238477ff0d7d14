/**
 * Folding, and how Latin letters read Chinese characters. docs/search.md §2, §3.
 */
"use strict";

(function () {
  const END = "Z"; // Closes a text within a gram.
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

  // ---- readings and codes (specification §3) ----

  /** @type {Map<string, string[]>} Readings of the characters in titles, from the meta file. */
  const readingsOf = new Map();
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
    for (const reading of readingsOf.get(gram[0]) || []) {
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
      if (!(readingsOf.get(gram[i]) || []).some((/** @type {string} */ r) => r[0] === part[i])) return NONE;
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

  /** @type {any} */ (huanjing).core = {
    END, SURE, MAYBE, NONE, fold, simplified, readingsOf, matchLiteral, matchLatin, readingLength, isLatin, codeOf, rankRow,
  };
})();
