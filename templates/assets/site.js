// What depends on the snapshot or on the reader's moment is written here, at view time, so that
// the pages themselves stay the same from one snapshot to the next.
"use strict";
(function () {
  /** @type {{dataDate?: string}} */
  var snapshot = /** @type {any} */ (window).huanjingSnapshot || {};
  var dataDate = snapshot.dataDate || "";

  document.querySelectorAll('[data-snapshot="date"]').forEach(function (place) {
    if (dataDate) place.textContent = dataDate;
  });

  /** @param {string} day */
  function dayNumber(day) {
    return Math.round(Date.parse(day + "T00:00:00Z") / 86400000);
  }

  document.querySelectorAll("[data-due]").forEach(function (place) {
    var due = place.getAttribute("data-due") || "";
    if (!dataDate || !/^\d{4}-\d{2}-\d{2}$/.test(due)) return;
    var days = dayNumber(dataDate) - dayNumber(due);
    place.textContent =
      days > 0
        ? "截至 " + dataDate + "，已逾期 " + days + " 天。"
        : "截至 " + dataDate + "，距时限还有 " + -days + " 天。";
  });

  // Whose server this is, which area its copy holds, and whether it is past its time. The reader's
  // own clock decides: nothing is asked of anybody.
  /** @type {Record<string, string>} */
  var host = /** @type {any} */ (window).huanjingHost || {};
  /** @type {{serial?: number, validUntil?: string, upstream?: string}} */
  var release = /** @type {any} */ (window).huanjingRelease || {};
  /** @type {{base?: string, name?: string}} */
  var area = /** @type {any} */ (window).huanjingArea || {};

  /** @param {Element} place @param {string} address @param {string} words */
  function addLink(place, address, words) {
    if (!/^https?:\/\//.test(address)) return;
    var link = document.createElement("a");
    link.href = address;
    link.textContent = words;
    place.append(link);
  }

  /** @type {(Node | string)[][]} */
  var lines = [
    ["name", ""], ["sponsor", "主办单位："], ["contact", "联系电话："],
    ["site_id_code", "政府网站标识码："], ["icp_no", ""], ["psb_no", ""],
  ].filter(function (item) { return host[item[0]]; })
    .map(function (item) { return [item[1] + host[item[0]]]; });
  document.querySelectorAll("[data-host]").forEach(function (list) {
    lines.forEach(function (line) {
      var item = document.createElement("li");
      item.append.apply(item, line);
      list.append(item);
    });
    if (area.name) {
      var own = document.createElement("li");
      own.append("本站收录" + area.name + "和全省汇总的内容，其他地区的链接通向");
      addLink(own, area.base || "", "省站");
      list.append(own);
    }
    if (list.firstChild) list.removeAttribute("hidden");
  });

  // A wide table says that it scrolls; one that fits is no stop for the tab key. All boxes are read
  // before any is marked, and only after the browser has laid the page out by itself.
  /** @type {Element[]} */
  var boxes = Array.prototype.slice.call(document.querySelectorAll(".hj-scroll"));
  /** @param {Element[]} chosen */
  function markScrolling(chosen) {
    chosen.map(function (box) {
      var wide = box.scrollWidth > box.clientWidth + 1;
      return [wide, wide || box.scrollHeight > box.clientHeight + 1];
    }).forEach(function (scrolls, n) {
      chosen[n].toggleAttribute("data-scrolls", scrolls[0]);
      if (scrolls[1]) chosen[n].setAttribute("tabindex", "0");
      else chosen[n].removeAttribute("tabindex");
    });
  }
  if (boxes.length && window.ResizeObserver) {
    // Large text widens a table as a narrow window does, and sends no resize; an opened fold shows
    // its table for the first time. The observer tells of each box once in the beginning.
    /** @type {Set<Element>} */
    var waiting = new Set();
    var observer = new ResizeObserver(function (entries) {
      if (!waiting.size) {
        requestAnimationFrame(function () {
          var chosen = Array.from(waiting);
          waiting.clear();
          markScrolling(chosen);
        });
      }
      entries.forEach(function (entry) {
        var box = entry.target.closest(".hj-scroll");
        if (box) waiting.add(box);
      });
    });
    boxes.forEach(function (box) {
      observer.observe(box);
      if (box.firstElementChild) observer.observe(box.firstElementChild);
    });
  } else if (boxes.length) {
    markScrolling(boxes);
    window.addEventListener("resize", function () { markScrolling(boxes); });
    document.addEventListener("toggle", function () { markScrolling(boxes); }, true);
  }

  document.querySelectorAll("[data-address]").forEach(function (place) {
    place.textContent = decodeURI(location.href.split("#")[0]);
  });

  if (release.validUntil && Date.now() > Date.parse(release.validUntil)) {
    var notice = document.createElement("p");
    notice.className = "hj-stale";
    notice.setAttribute("role", "note");
    notice.append("本镜像没有按时更新：第 " + release.serial + " 期的有效期到 " +
      release.validUntil.slice(0, 10) + "，数据截至 " + dataDate + "。最新内容见");
    addLink(notice, release.upstream || "", "省站");
    var main = document.getElementById("main");
    if (main) main.prepend(notice);
  }

  // What plots can do is fetched where there are plots: saving them, then exploring some.
  [["[data-plot]", "save.js"], ["[data-explore]", "explore.js"]].forEach(function (pair) {
    if (!document.querySelector(pair[0])) return;
    var script = document.createElement("script");
    script.src = (document.body.getAttribute("data-root") || "") + "assets/charts/" + pair[1];
    script.async = false;
    document.head.append(script);
  });
})();
