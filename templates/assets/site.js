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
})();
