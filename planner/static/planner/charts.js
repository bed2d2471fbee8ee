"use strict";
/* Charts from the data beside them: <figure class="chart" data-chart="id of the JSON">. Drawn as SVG by ECharts; colours come
   from the page's own palette and follow it from light to dark. Each kind of chart is one function of DRAWINGS. */
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const lang = document.documentElement.lang || "en";
  const short = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    return value.toLocaleString(lang, size >= 1000 || size === 0
      ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 }).replace("-", "\u2212");
  };
  const signed = (value) => (value > 0 ? "+" : "") + short(value);

  /* A scale that is logarithmic on both sides of zero. */
  const symlog = (values) => {
    const sizes = values.map(Math.abs).filter((size) => size > 0).sort((a, b) => a - b);
    const unit = sizes.length ? 10 ** Math.floor(Math.log10(sizes[Math.floor(sizes.length * 0.1)])) : 1;
    const to = (value) => Math.sign(value) * Math.log10(1 + Math.abs(value) / unit);
    const back = (place) => Math.sign(place) * unit * (10 ** Math.abs(place) - 1);
    const most = sizes.length ? sizes[sizes.length - 1] : 1;
    const ticks = [0];
    for (let size = unit * 10; size <= most * 1.5; size *= 10) ticks.push(size, -size);
    const least = Math.min(0, ...values);
    const largest = Math.max(0, ...values);
    const kept = ticks.filter((tick) => tick >= least * 1.5 && tick <= largest * 1.5);
    return { to, back, ticks: kept.map(to).sort((a, b) => a - b), min: to(least) - 0.25, max: to(largest) + 0.25 };
  };

  const base = () => ({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("ink"), fontSize: 12 },
    aria: { enabled: false },
    grid: { left: 8, right: 24, top: 24, bottom: 36, containLabel: true },
    tooltip: {
      renderMode: "richText", confine: true, backgroundColor: colour("paper"), borderColor: colour("rule-strong"),
      textStyle: { color: colour("ink"), fontSize: 12 },
    },
  });
  const axis = (more = {}) => ({
    nameTextStyle: { color: colour("muted") },
    axisLine: { lineStyle: { color: colour("rule-strong") } },
    axisTick: { show: false },
    axisLabel: { color: colour("muted"), ...(more.axisLabel || {}) },
    splitLine: { lineStyle: { color: colour("rule") } },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "axisLabel")),
  });
  const titled = (name, gap) => ({ name, nameLocation: "middle", nameGap: gap, });
  const clip = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
  const narrow = (area) => area.clientWidth < 560;

  const DRAWINGS = {
    /* Points with intervals in both directions; marks say more than colours do. */
    quadrant: ({ rows, options }, area) => {
      area.style.height = narrow(area) ? "24rem" : "30rem";
      const x = symlog(rows.flatMap((row) => [row.x_q05, row.x_mean, row.x_q95]).map((one) => one * options.x_scale));
      const y = symlog(rows.flatMap((row) => [row.y_q05, row.y_mean, row.y_q95]));
      const place = (row, at) => [x.to(row[`x_${at}`] * options.x_scale), y.to(row[`y_${at}`])];
      const open = (row) => row.x_q05 * row.x_q95 <= 0 || row.y_q05 * row.y_q95 <= 0;
      // Names only where there is room for them beside the point, those far out first, since they matter most.
      const far = (row) => Math.abs(place(row, "mean")[0]) / (x.max - x.min) + Math.abs(place(row, "mean")[1]) / (y.max - y.min);
      const wide = area.clientWidth - 100;
      const high = 400;
      const spot = (row) => { const [across, up] = place(row, "mean"); return [(wide * (across - x.min)) / (x.max - x.min), high * (1 - (up - y.min) / (y.max - y.min))]; };
      const spots = rows.map(spot);
      const taken = [];
      const sides = new Map();
      [...rows].sort((a, b) => far(b) - far(a)).forEach((row) => {
        const [cx, cy] = spot(row);
        [34, 20].some((most) => {
          const length = 6.3 * Math.min(row.name.length, most) + 6;
          return [["right", cx + 9, cy], ["left", cx - 9 - length, cy], ["top", cx - length / 2, cy - 15], ["bottom", cx - length / 2, cy + 15]].some(([side, left, level]) => {
            const hits = (one, two, margin) => one > left - margin && one < left + length + margin && Math.abs(two - level) < 8 + margin;
            const free = left > -8 && left + length < wide && level > 0 && !spots.some(([px, py]) => hits(px, py, 5) && !(px === cx && py === cy))
              && !taken.some(([from, to, at]) => from < left + length && to > left && Math.abs(at - level) < 15);
            if (free) { taken.push([left, left + length, level]); sides.set(row, [side, most]); }
            return free;
          });
        });
      });
      const marks = (restrictive, name) => ({
        name, type: "scatter", cursor: "pointer",
        symbol: restrictive ? "diamond" : "circle", symbolSize: restrictive ? 13 : 10,
        label: { show: false, color: colour("ink"), fontSize: 11, textBorderColor: colour("paper"), textBorderWidth: 3 },
        data: rows.filter((row) => row.restrictive === restrictive).map((row) => ({
          value: place(row, "mean"), row, label: { show: !narrow(area) && sides.has(row), position: sides.get(row)?.[0] || "right", formatter: () => clip(row.name, sides.get(row)?.[1] || 34) },
          itemStyle: { color: open(row) ? colour("paper") : colour(restrictive ? "c2" : "c1"), borderColor: colour(restrictive ? "c2" : "c1"), borderWidth: 2 },
        })),
      });
      const whiskers = {
        type: "custom", silent: true, z: 1, data: rows.map((row) => [...place(row, "q05"), ...place(row, "q95"), ...place(row, "mean")]),
        renderItem: (params, api) => {
          const [x0, y0] = api.coord([api.value(0), api.value(1)]);
          const [x1, y1] = api.coord([api.value(2), api.value(3)]);
          const [xm, ym] = api.coord([api.value(4), api.value(5)]);
          const line = (shape) => ({ type: "line", shape, style: { stroke: colour("rule-strong"), lineWidth: 1 } });
          return { type: "group", children: [line({ x1: x0, y1: ym, x2: x1, y2: ym }), line({ x1: xm, y1: y0, x2: xm, y2: y1 })] };
        },
      };
      const corner = (text, left, top) => ({
        type: "text", silent: true, [left ? "left" : "right"]: left ? 70 : 30, [top ? "top" : "bottom"]: top ? 4 : 62,
        style: { text, fill: colour("muted"), font: `italic 12px ${getComputedStyle(document.body).fontFamily}` },
      });
      const scaled = (one) => ({
        type: "value", min: one.min, max: one.max, splitLine: { show: false },
        axisLabel: { customValues: one.ticks, formatter: (at) => signed(one.back(at)), hideOverlap: true },
      });
      const zero = { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colour("ink"), type: "solid", width: 1, opacity: 0.6 }, data: [{ xAxis: 0 }, { yAxis: 0 }] };
      return {
        grid: { left: 16, right: 24, top: 30, bottom: 34, containLabel: true },
        xAxis: axis({ ...scaled(x), ...titled(options.x_name, 30) }),
        yAxis: axis({ ...scaled(y), ...titled(options.y_name, 56) }),
        tooltip: { trigger: "item", formatter: ({ data }) => `${data.row.name}\n${options.x_name}: ${signed(data.row.x_mean * options.x_scale)} (${signed(data.row.x_q05 * options.x_scale)} … ${signed(data.row.x_q95 * options.x_scale)})\n${options.y_name}: ${signed(data.row.y_mean)} (${signed(data.row.y_q05)} … ${signed(data.row.y_q95)})` },
        graphic: narrow(area) ? [] : [corner(options.corners[0], true, true), corner(options.corners[1], false, true), corner(options.corners[2], true, false), corner(options.corners[3], false, false)],
        series: [whiskers, { ...marks(false, "proposed"), markLine: zero }, marks(true, "restrictive")],
      };
    },

    /* One bar for each row from low to high with a mark at the middle: tornado, values of minutes, closures. */
    bars: ({ rows, options }, area) => {
      const names = rows.map((row) => row.name).reverse();
      const shown = [...rows].reverse();
      area.style.height = `${Math.max(9, 4 + names.length * 1.75)}rem`;
      const scale = options.scale || 1;
      const has = (key) => shown.some((row) => row[key] !== null && row[key] !== undefined);
      const low = (row) => (row.low ?? row.value) * scale;
      const high = (row) => (row.high ?? row.value) * scale;
      const from = options.middle === undefined ? 0 : options.middle * scale;
      const two = Boolean(options.two_sided);
      const spans = {
        type: "custom", encode: { x: [0, 1], y: 3 },
        data: shown.map((row, at) => [low(row), high(row), (row.value ?? from) * scale / (row.value === undefined ? scale : 1), at]),
        renderItem: (params, api) => {
          const at = api.value(3);
          const thick = Math.min(api.size([0, 1])[1] * 0.62, 18);
          const bar = (a, b, fill, opacity = 1) => {
            const [xa, ya] = api.coord([a, at]);
            const [xb] = api.coord([b, at]);
            return { type: "rect", shape: { x: Math.min(xa, xb), y: ya - thick / 2, width: Math.max(Math.abs(xb - xa), 1.5), height: thick }, style: { fill, opacity } };
          };
          const row = shown[at];
          if (two) {
            const ends = [[row.low * scale, "deficit"], [row.high * scale, "c1"]].sort((a, b) => Math.abs(b[0] - from) - Math.abs(a[0] - from));
            return { type: "group", children: ends.map(([end, fill]) => bar(from, end, colour(fill))) };
          }
          const children = [bar(from, row.value * scale, colour(row.colour || (row.value < 0 ? "deficit" : "surplus")))];
          if (has("low")) {
            const [xl, yl] = api.coord([low(row), at]);
            const [xh] = api.coord([high(row), at]);
            children.push({ type: "line", shape: { x1: xl, y1: yl, x2: xh, y2: yl }, style: { stroke: colour("ink"), lineWidth: 1.5 } });
          }
          return { type: "group", children };
        },
      };
      return {
        grid: { left: 8, right: 28, top: names.length > 12 ? 40 : 8, bottom: names.length > 12 ? 8 : 38, containLabel: true },
        xAxis: axis({ type: "value", position: names.length > 12 ? "top" : "bottom", scale: two, ...titled(options.x_name || "", 28), axisLabel: { formatter: signed, hideOverlap: true } }),
        yAxis: axis({ type: "category", data: names, splitLine: { show: false }, axisLabel: { color: colour("ink"), formatter: (text) => clip(text, narrow(area) ? 20 : 46), interval: 0 } }),
        tooltip: { trigger: "item", formatter: ({ dataIndex }) => { const row = shown[dataIndex]; return `${row.name}\n${row.value === undefined ? "" : signed(row.value * scale)}${row.low === undefined || row.low === null ? "" : ` (${signed(row.low * scale)} … ${signed(row.high * scale)})`}${row.more ? `\n${row.more}` : ""}`; } },
        series: [{ ...spans, markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: colour("ink"), type: "solid", width: 1, opacity: 0.6 }, data: [{ xAxis: from }] } }],
      };
    },

    /* Steps that add up: each begins where the last ended; rows with total=true stand on zero. */
    waterfall: ({ rows, options }, area) => {
      const scale = options.scale || 1;
      let level = 0;
      const steps = rows.map((row) => {
        const start = row.total ? 0 : level;
        const end = row.total ? row.value : level + row.value;
        level = end;
        return { start: start * scale, end: end * scale, total: Boolean(row.total), value: row.value * scale };
      });
      return {
        grid: { left: 8, right: 16, top: 34, bottom: 12, containLabel: true },
        xAxis: axis({ type: "category", data: rows.map((row) => row.name), splitLine: { show: false }, axisLabel: { interval: 0, color: colour("ink"), rotate: narrow(area) ? 60 : 0, width: narrow(area) ? 90 : 120, overflow: "break", lineHeight: 15 } }),
        yAxis: axis({ type: "value", name: options.y_name || "", nameLocation: "end", nameTextStyle: { align: "left", color: colour("muted") }, axisLabel: { formatter: short } }),
        tooltip: { trigger: "item", formatter: ({ dataIndex }) => `${rows[dataIndex].name}\n${signed(steps[dataIndex].value)}` },
        series: [{
          type: "custom", encode: { x: 0, y: [1, 2] }, data: steps.map((step, at) => [at, step.start, step.end]),
          renderItem: (params, api) => {
            const at = api.value(0);
            const step = steps[at];
            const wide = Math.min(api.size([1, 0])[0] * 0.6, 64);
            const [cx, ya] = api.coord([at, step.start]);
            const [, yb] = api.coord([at, step.end]);
            const fill = step.total ? colour("muted") : step.value < 0 ? colour("deficit") : colour("surplus");
            const children = [
              { type: "rect", shape: { x: cx - wide / 2, y: Math.min(ya, yb), width: wide, height: Math.max(Math.abs(yb - ya), 1.5) }, style: { fill } },
              { type: "text", style: { text: signed(step.value), x: cx, y: Math.min(ya, yb) - 15, textAlign: "center", fill: colour("ink"), font: `12px ${getComputedStyle(document.body).fontFamily}` } },
            ];
            if (at + 1 < steps.length) {
              const [nx] = api.coord([at + 1, step.end]);
              children.push({ type: "line", shape: { x1: cx + wide / 2, y1: yb, x2: nx - wide / 2, y2: yb }, style: { stroke: colour("rule-strong"), lineDash: [3, 3] } });
            }
            return { type: "group", children };
          },
        }],
      };
    },

    /* A rising line with an interval, and the points of it that were chosen. */
    frontier: ({ rows, options }) => {
      const scale = options.scale || 1;
      const points = rows.map((row) => [row.x, row.value * scale]);
      const series = [{ type: "line", step: options.step ? "end" : false, symbolSize: 8, data: points, lineStyle: { color: colour("c1"), width: 2 }, itemStyle: { color: colour("c1") } }];
      const chosen = rows.filter((row) => row.chosen);
      if (chosen.length) series.push({ type: "scatter", symbol: "diamond", symbolSize: 16, z: 5, data: chosen.map((row) => [row.x, row.value * scale]), itemStyle: { color: colour("c2") } });
      if (rows.some((row) => row.low !== undefined && row.low !== null)) {
        series.push({
          type: "custom", silent: true, data: rows.map((row) => [row.x, row.low * scale, row.high * scale]),
          renderItem: (params, api) => { const [x, a] = api.coord([api.value(0), api.value(1)]); const [, b] = api.coord([api.value(0), api.value(2)]); return { type: "line", shape: { x1: x, y1: a, x2: x, y2: b }, style: { stroke: colour("c1"), lineWidth: 1.5, opacity: 0.6 } }; },
        });
      }
      return {
        grid: { left: 8, right: 24, top: 34, bottom: 36, containLabel: true },
        xAxis: axis({ type: "value", ...titled(options.x_name, 30), axisLabel: { formatter: short } }),
        yAxis: axis({ type: "value", scale: true, name: options.y_name, nameLocation: "end", nameTextStyle: { align: "left", color: colour("muted") }, axisLabel: { formatter: short } }),
        tooltip: { trigger: "item", formatter: ({ dataIndex, seriesIndex }) => { const row = seriesIndex === 1 && chosen.length ? chosen[dataIndex] : rows[dataIndex]; return `${options.x_name}: ${short(row.x)}\n${options.y_name}: ${short(row.value * scale)}${row.more ? `\n${row.more}` : ""}`; } },
        series,
      };
    },
  };

  const save = (text, name, type) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  /* A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return `"${text.replaceAll('"', '""')}"`;
  };
  const csv = (data) => [
    data.columns.map((one) => cell(one.name)).join(","),
    ...data.rows.map((row) => data.columns.map((one) => cell(row[one.key])).join(",")),
  ].join("\r\n");

  const start = (figure) => {
    const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const area = figure.querySelector(".chart-area");
    const drawing = DRAWINGS[data.kind];
    if (!drawing) return;
    let chart = null;
    const draw = () => {
      const options = drawing(data, area);
      const common = base();
      if (chart) chart.dispose();
      chart = echarts.init(area, null, { renderer: "svg" });
      chart.setOption({ ...common, ...options, tooltip: { ...common.tooltip, ...(options.tooltip || {}) } });
      // What is drawn is described by the label of the area and by the table.
      area.querySelector("svg")?.setAttribute("aria-hidden", "true");
      chart.on("click", ({ data: item }) => { if (item?.row?.address) window.location.href = item.row.address; });
      figure.dataset.drawn = "true";
    };
    draw();
    let width = area.clientWidth;
    new ResizeObserver(() => { if (area.clientWidth !== width) { width = area.clientWidth; draw(); } }).observe(area);
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    figure.querySelectorAll("[data-download]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        if (button.dataset.download === "csv") save(`\ufeff${csv(data)}`, `${data.file}.csv`, "text/csv;charset=utf-8");
        else save(chart.renderToSVGString(), `${data.file}.svg`, "image/svg+xml");
      });
    });
  };
  document.querySelectorAll("figure[data-chart]").forEach(start);
})();
