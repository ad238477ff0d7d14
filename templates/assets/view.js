// How this reader wants to see every page: 长者模式 and light or dark. Read before anything is
// painted, so that no page flashes; kept in this browser only. Without this script the two
// switches in the header still work, for the page at hand (00-tokens.css).
"use strict";
(function () {
  var root = document.documentElement;
  /** @type {{view?: string, scheme?: string}} */
  var chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("huanjing-view") || "{}") || {};
  } catch (error) {
    chosen = {}; // storage is off, or holds something else
  }
  var system = window.matchMedia("(prefers-color-scheme: dark)");

  function apply() {
    if (chosen.view === "elder") root.dataset.view = "elder";
    else delete root.dataset.view;
    root.dataset.scheme = chosen.scheme || (system.matches ? "dark" : "light");
  }

  /** @param {string} name @param {() => boolean} read @param {(on: boolean) => void} write */
  function bind(name, read, write) {
    var box = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=" + name + "]"));
    if (!box) return;
    var field = box;
    field.checked = read();
    field.addEventListener("change", function () {
      write(field.checked);
      apply();
      try {
        localStorage.setItem("huanjing-view", JSON.stringify(chosen));
      } catch (error) {
        return; // the choice holds for this page
      }
    });
  }

  root.classList.add("hj-view");
  apply();
  system.addEventListener && system.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", function () {
    bind("hj-elder", function () { return chosen.view === "elder"; },
      function (on) { chosen.view = on ? "elder" : ""; });
    bind("hj-dark", function () { return root.dataset.scheme === "dark"; },
      function (on) { chosen.scheme = on === system.matches ? "" : on ? "dark" : "light"; });
    var button = document.querySelector("[aria-controls=hj-menu]");
    var menu = document.getElementById("hj-menu");
    if (!button || !menu) return;
    var opener = button, folded = menu;
    opener.addEventListener("click", function () {
      var open = folded.toggleAttribute("data-open");
      opener.setAttribute("aria-expanded", String(open));
    });
  });
})();
