// Saves a plot as SVG, with the colours it has on the page, and the rows behind it as CSV.
// Nothing is fetched and no file is kept for it: the page holds both already.
"use strict";
(function () {
  var KEPT = [
    "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-dasharray",
    "stroke-linecap", "stroke-linejoin", "paint-order", "font-family", "font-size", "font-weight",
    "text-anchor",
  ];

  /** @param {Element} plot @returns {string} the words that name the plot */
  function nameOf(plot) {
    var place = plot.querySelector("figcaption strong, h3, svg title");
    var page = document.querySelector("h1");
    var own = place ? (place.textContent || "").trim() : "";
    var whole = page ? (page.textContent || "").trim() + " " + own : own;
    return whole.replace(/[\\/:*?"<>|\s]+/g, "-").slice(0, 60) || "huanjing";
  }

  /** The background that the plot stands on, so that a dark page gives a dark picture.
   * @param {Element} from @returns {string} */
  function groundOf(from) {
    for (var element = /** @type {Element | null} */ (from); element; element = element.parentElement) {
      var colour = getComputedStyle(element).backgroundColor;
      if (colour && colour !== "transparent" && !/, 0\)$/.test(colour)) return colour;
    }
    return "#fff";
  }

  /** @param {SVGSVGElement} svg @returns {string} */
  function writeSvg(svg) {
    var copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
    var sources = [/** @type {Element} */ (svg)].concat([].slice.call(svg.querySelectorAll("*")));
    var targets = [/** @type {Element} */ (copy)].concat([].slice.call(copy.querySelectorAll("*")));
    sources.forEach(function (source, place) {
      var target = targets[place];
      if (/^(path|text)$/.test(source.localName)) {
        var style = getComputedStyle(source);
        KEPT.forEach(function (name) {
          var value = style.getPropertyValue(name);
          if (value) target.setAttribute(name, value);
        });
      }
      target.removeAttribute("class");
      // A file alone has no pages to lead to.
      target.removeAttribute("href");
    });
    var size = svg.viewBox.baseVal;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", [-8, -8, size.width + 16, size.height + 16].join(" "));
    copy.setAttribute("width", String((size.width + 16) * 2));
    copy.setAttribute("height", String((size.height + 16) * 2));
    var ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    [["x", "-8"], ["y", "-8"], ["width", "100%"], ["height", "100%"], ["fill", groundOf(svg)]]
      .forEach(function (pair) { ground.setAttribute(pair[0], pair[1]); });
    copy.insertBefore(ground, copy.firstChild);
    return new XMLSerializer().serializeToString(copy);
  }

  /** @param {Element} cell @returns {string} */
  function textOf(cell) {
    return (cell.textContent || "").replace(/\s+/g, " ").trim();
  }

  /** The rows behind a plot: the table in it or after it, or the list of the matrix.
   * @param {Element} plot @returns {string[][]} */
  function rowsOf(plot) {
    if (plot.getAttribute("data-plot") === "matrix") {
      /** @type {string[][]} */
      var rows = [["类别", "表", "公开情况"]];
      document.querySelectorAll(".hj-matrix").forEach(function (list) {
        var before = list.previousElementSibling;
        var title = before ? before.querySelector("a") : null;
        list.querySelectorAll("li").forEach(function (item) {
          var word = item.querySelector("span"), link = item.querySelector("a");
          rows.push([title ? textOf(title) : "", link ? textOf(link) : "", word ? textOf(word) : ""]);
        });
      });
      return rows;
    }
    var table = plot.querySelector("table");
    if (!table && plot.nextElementSibling) table = plot.nextElementSibling.querySelector("table");
    return table ? Array.from(table.rows, function (row) {
      return Array.from(row.cells, textOf);
    }) : [];
  }

  /** @param {string[][]} rows @returns {string} */
  function writeCsv(rows) {
    return "\ufeff" + rows.map(function (row) {
      return row.map(function (cell) {
        // Grouped digits are for reading; a program wants the number.
        var plain = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/.test(cell) ? cell.replace(/,/g, "") : cell;
        return /[",\n\r]/.test(plain) ? '"' + plain.replace(/"/g, '""') + '"' : plain;
      }).join(",") + "\r\n";
    }).join("");
  }

  /** @param {string} name @param {string} text @param {string} type */
  function save(name, text, type) {
    var address = URL.createObjectURL(new Blob([text], { type: type }));
    var link = document.createElement("a");
    link.href = address;
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 1000);
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

  document.querySelectorAll("[data-plot]").forEach(function (plot) {
    var svg = /** @type {SVGSVGElement | null} */ (plot.querySelector("svg"));
    if (!svg) return;
    var drawing = svg, name = nameOf(plot), label = name.replace(/-/g, " ");
    var tools = document.createElement("div");
    tools.className = "hj-chart__tools";
    tools.append(
      makeButton("存图 SVG", label, function () {
        save(name + ".svg", writeSvg(drawing), "image/svg+xml");
      }),
      makeButton("存数据 CSV", label, function () {
        save(name + ".csv", writeCsv(rowsOf(plot)), "text/csv;charset=utf-8");
      })
    );
    svg.after(tools);
  });
})();
