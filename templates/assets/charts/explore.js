// Makes the trends and rankings of an overview page explorable: point by point, by pointer or by
// keyboard, with zoom. The numbers are those of the table behind the chart; the library is
// fetched when somebody first asks for it, so that others do not pay for it.
"use strict";
(function () {
  var root = document.body.getAttribute("data-root") || "";
  /** @type {Promise<any> | null} */
  var library = null;

  function loadLibrary() {
    if (!library) {
      library = new Promise(function (done, fail) {
        var sheet = document.createElement("link");
        sheet.rel = "stylesheet";
        sheet.href = root + "assets/charts/uplot.css";
        var script = document.createElement("script");
        script.src = root + "assets/charts/uplot.js";
        script.onload = function () { done(/** @type {any} */ (window).uPlot); };
        script.onerror = function () { library = null; fail(new Error(script.src)); };
        document.head.append(sheet, script);
      });
    }
    return library;
  }

  /** First two columns of the chart's table: names and numbers; null where there is no number.
   * @param {Element} chart */
  function readRows(chart) {
    var table = chart.querySelector("table");
    /** @type {string[]} */ var names = [];
    /** @type {(number | null)[]} */ var values = [];
    /** @type {string[]} */ var texts = [];
    var heads = table && table.tHead ? table.tHead.rows[0].cells : null;
    var head = heads ? heads[1] : null;
    var mark = head ? head.querySelector(".hj-unit") : null;
    var unit = mark ? (mark.textContent || "").replace(/[（）]/g, "") : "";
    [].forEach.call(table ? table.tBodies[0].rows : [], function (/** @type {HTMLTableRowElement} */ row) {
      var text = (row.cells[1].textContent || "").trim();
      var number = parseFloat(text.replace(/,/g, ""));
      names.push((row.cells[0].textContent || "").trim());
      values.push(isNaN(number) ? null : number);
      texts.push(isNaN(number) ? text : text + " " + unit);
    });
    return { names: names, values: values, texts: texts, unit: unit };
  }

  /** @param {string} name */
  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#456";
  }

  /** @param {string} words @param {string} label @param {() => void} act */
  function makeButton(words, label, act) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.setAttribute("aria-label", words + "：" + label);
    button.addEventListener("click", act);
    return button;
  }

  /** @param {any} uPlot @param {Element} chart @param {HTMLElement} box @param {string} title */
  function explore(uPlot, chart, box, title) {
    var rows = readRows(chart), count = rows.names.length;
    if (!count) return;
    var kind = chart.getAttribute("data-explore");
    var readout = document.createElement("p");
    readout.className = "hj-chart__readout";
    readout.setAttribute("aria-live", "polite");
    var stage = document.createElement("div");
    stage.tabIndex = 0;
    stage.setAttribute("role", "application");
    stage.setAttribute("aria-label",
      title + "，互动图。左右方向键逐点查看，加号放大，减号缩小，0 键还原。");
    var tools = document.createElement("div");
    tools.className = "hj-chart__tools";
    box.append(readout, stage, tools);

    var ink = colour("--hj-ink"), line = colour("--hj-link"), grid = colour("--hj-line");
    var axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    var numbers = rows.names.map(function (_, place) { return place; });
    /** @type {any} */
    var series = { label: title, stroke: line, fill: kind === "line" ? undefined : line + "99",
      width: 2, spanGaps: false, points: { show: count <= 60 } };
    if (kind !== "line") {
      series.paths = uPlot.paths.bars({ size: [0.7, 40] });
      series.points = { show: false };
    }
    var plot = new uPlot({
      width: Math.max(240, stage.clientWidth || box.clientWidth),
      height: 260,
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: {
        x: { time: false, range: function (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) {
          return [low - 0.5, high + 0.5];
        } },
        y: { range: function (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) {
          var floor = kind === "line" && rows.unit === "%" ? Math.floor(low / 5) * 5 : 0;
          return [floor, rows.unit === "%" ? 100 : Math.max(1, high * 1.1)];
        } },
      },
      axes: [
        Object.assign({ space: kind === "ranking" ? 120 : 70, incrs: [1, 2, 4, 8, 13, 26, 52], values:
          function (/** @type {any} */ _, /** @type {number[]} */ places) {
            return places.map(function (place) { return rows.names[place] || ""; });
          } }, axis),
        Object.assign({ size: 60, values: function (/** @type {any} */ _, /** @type {number[]} */ ticks) {
          return ticks.map(function (tick) { return tick.toLocaleString("en") + (rows.unit === "%" ? "%" : ""); });
        } }, axis),
      ],
      series: [{}, series],
      hooks: { setCursor: [function (/** @type {any} */ u) {
        if (u.cursor.idx != null) tell(u.cursor.idx);
      }] },
    }, [numbers, rows.values], stage);
    var canvas = stage.querySelector("canvas");
    if (canvas) canvas.setAttribute("aria-hidden", "true");

    var at = count - 1;
    /** @param {number} place */
    function tell(place) {
      at = place;
      readout.textContent = rows.names[place] + "：" + rows.texts[place];
    }
    /** @param {number} place */
    function go(place) {
      at = Math.min(count - 1, Math.max(0, place));
      var low = plot.scales.x.min + 0.5, high = plot.scales.x.max - 0.5;
      if (at < low) show(at, at + high - low);
      if (at > high) show(at - (high - low), at);
      plot.setCursor({ left: plot.valToPos(at, "x"), top: 20 });
      tell(at);
    }
    /** @param {number} low @param {number} high */
    function show(low, high) {
      // Points move under a cursor that stays: bring it back to the point that was being read.
      var keep = at;
      plot.setScale("x", { min: low, max: high });
      requestAnimationFrame(function () {
        plot.setCursor({ left: plot.valToPos(keep, "x"), top: 20 });
        tell(keep);
      });
    }
    /** @param {number} factor */
    function zoom(factor) {
      var low = plot.scales.x.min + 0.5, high = plot.scales.x.max - 0.5;
      var half = Math.min(count - 1, Math.max(2, (high - low) * factor)) / 2;
      var middle = Math.min(count - 1 - half, Math.max(half, at));
      show(Math.max(0, middle - half), Math.min(count - 1, middle + half));
    }
    function restore() { show(0, count - 1); }

    stage.addEventListener("keydown", function (event) {
      /** @type {Record<string, () => void>} */
      var keys = {
        ArrowLeft: function () { go(at - 1); }, ArrowRight: function () { go(at + 1); },
        Home: function () { go(0); }, End: function () { go(count - 1); },
        "+": function () { zoom(0.5); }, "=": function () { zoom(0.5); },
        "-": function () { zoom(2); }, "0": restore,
      };
      if (!keys[event.key] || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });
    tools.append(
      makeButton("前一个", title, function () { go(at - 1); }),
      makeButton("后一个", title, function () { go(at + 1); }),
      makeButton("放大", title, function () { zoom(0.5); }),
      makeButton("缩小", title, function () { zoom(2); }),
      makeButton("还原", title, restore)
    );
    addEventListener("resize", function () {
      plot.setSize({ width: Math.max(240, stage.clientWidth), height: 260 });
    });
    tell(at);
    stage.focus();
  }

  document.querySelectorAll("[data-explore]").forEach(function (chart) {
    var place = chart.querySelector("figcaption strong"), tools = chart.querySelector(".hj-chart__tools");
    if (!tools) return;
    var bar = tools;
    var title = place ? place.textContent || "" : "";
    /** @type {HTMLElement | null} */
    var box = null;
    var button = makeButton("逐点查看", title, function () {
      if (box) {
        box.hidden = !box.hidden;
        chart.classList.toggle("hj-chart--wide", !box.hidden);
        button.setAttribute("aria-expanded", String(!box.hidden));
        return;
      }
      box = document.createElement("div");
      box.className = "hj-chart__explore";
      var own = box;
      bar.after(own);
      chart.classList.add("hj-chart--wide");
      button.setAttribute("aria-expanded", "true");
      loadLibrary().then(function (uPlot) { explore(uPlot, chart, own, title); }, function () {
        own.remove();
        box = null;
        chart.classList.remove("hj-chart--wide");
        button.setAttribute("aria-expanded", "false");
      });
    });
    button.setAttribute("aria-expanded", "false");
    bar.append(button);
  });
})();
