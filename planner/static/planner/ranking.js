"use strict";
/* The ranking table: sort, filter, and rank anew under other weights. The rules are the engine's: each criterion on a scale from
   0, the worst mean, to 1, the best; order by mean score, then id; tie groups and rank intervals from the same draws at 90 %. */
(() => {
  const table = document.querySelector("table.ranking");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const panel = document.querySelector(".weights");
  const status = document.querySelector("[data-ranking-status]");
  const shown = { sort: "rank", down: false };
  const SETTLED = 0.9;

  const number = (row, key) => (row.dataset[key] === "" || row.dataset[key] === undefined ? null : Number(row.dataset[key]));
  const arrange = () => {
    const text = shown.sort === "name" || shown.sort === "grade";
    const sign = shown.down ? -1 : 1;
    const sorted = [...rows].sort((a, b) => {
      const one = text ? a.dataset[shown.sort] : number(a, shown.sort);
      const two = text ? b.dataset[shown.sort] : number(b, shown.sort);
      if (one === two) return number(a, "rank") - number(b, "rank");
      if (one === null || one === "") return 1;
      if (two === null || two === "") return -1;
      return sign * (text ? one.localeCompare(two) : one - two);
    });
    let before = null;
    sorted.forEach((row) => {
      row.classList.toggle("first-of-group", shown.sort === "rank" && row.dataset.tie !== before);
      before = row.dataset.tie;
    });
    body.append(...sorted);
  };
  table.querySelectorAll("button.sort").forEach((button) => button.addEventListener("click", () => {
    const key = button.dataset.sort;
    shown.down = shown.sort === key ? !shown.down : false;
    shown.sort = key;
    table.querySelectorAll("th[aria-sort]").forEach((head) => head.removeAttribute("aria-sort"));
    button.closest("th").setAttribute("aria-sort", shown.down ? "descending" : "ascending");
    arrange();
  }));

  const words = document.querySelector("[data-filter=text]");
  const kind = document.querySelector("[data-filter=kind]");
  const filter = () => {
    const wanted = words.value.trim().toLocaleLowerCase();
    let count = 0;
    rows.forEach((row) => {
      const fits = (!wanted || row.dataset.name.toLocaleLowerCase().includes(wanted)) && (!kind.value || row.dataset.kind === kind.value);
      row.hidden = !fits;
      count += fits;
    });
    document.querySelector("[data-filter-count]").textContent = `${count} / ${rows.length}`;
  };
  words?.addEventListener("input", filter);
  kind?.addEventListener("change", filter);

  if (!panel) return;
  const sliders = [...panel.querySelectorAll("input[type=range]")];
  let data = null;
  const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length;

  const load = async () => {
    const answer = await fetch(panel.dataset.address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const found = await answer.json();
    // Larger is better everywhere; a cost has no draws.
    data = {
      draws: found.draws,
      rows: found.rows.map((row) => ({
        id: row.id, cost: row.cost,
        benefit: { imbalance: row.imbalance.map((one) => -one), welfare: row.welfare, revenue: row.revenue, cost: row.cost === null ? null : -row.cost },
      })),
    };
  };

  const rank = (weights) => {
    const active = Object.keys(weights).filter((key) => weights[key] > 0);
    const total = active.reduce((sum, key) => sum + weights[key], 0);
    const counted = data.rows.filter((row) => active.every((key) => row.benefit[key] !== null));
    const scores = counted.map(() => new Float64Array(data.draws));
    active.forEach((key) => {
      const single = key === "cost";
      const means = counted.map((row) => (single ? row.benefit[key] : mean(row.benefit[key])));
      const floor = Math.min(...means);
      const width = Math.max(...means) - floor;
      if (!(width > 0)) return;
      const weight = weights[key] / total / width;
      counted.forEach((row, at) => {
        const values = row.benefit[key];
        for (let draw = 0; draw < data.draws; draw += 1) scores[at][draw] += weight * ((single ? values : values[draw]) - floor);
      });
    });
    const rounded = scores.map((values) => Number(mean(values).toExponential(9)));
    const order = counted.map((row, at) => at).sort((a, b) => rounded[b] - rounded[a] || (counted[a].id < counted[b].id ? -1 : 1));
    const places = order.map(() => new Uint16Array(data.draws));
    const turn = new Array(order.length);
    for (let draw = 0; draw < data.draws; draw += 1) {
      for (let at = 0; at < order.length; at += 1) turn[at] = at;
      turn.sort((a, b) => scores[order[b]][draw] - scores[order[a]][draw] || a - b);
      turn.forEach((at, place) => { places[at][draw] = place + 1; });
    }
    const better = (a, b) => {
      let count = 0;
      for (let draw = 0; draw < data.draws; draw += 1) count += scores[a][draw] > scores[b][draw];
      return count / data.draws;
    };
    let group = 0;
    let leader = null;
    return order.map((index, at) => {
      if (leader === null || better(leader, index) >= SETTLED) { group += 1; leader = index; }
      const sorted = places[at].slice().sort();
      const quantile = (share) => sorted[Math.max(Math.ceil(share * data.draws - 1e-9) - 1, 0)];
      const count = (most) => places[at].reduce((sum, place) => sum + (place <= most), 0) / data.draws;
      return { id: counted[index].id, rank: at + 1, tie: group, low: quantile(0.05), high: quantile(0.95), score: rounded[index], best: count(1), top3: count(3) };
    });
  };

  const percent = (share) => (share > 0 && share < 0.005 ? "<1\u202f%" : share >= 0.995 && share < 1 ? ">99\u202f%" : `${Math.round(100 * share)}\u202f%`);
  const show = (ranked) => {
    const found = new Map(ranked.map((one) => [one.id, one]));
    rows.forEach((row) => {
      const one = found.get(row.dataset.id);
      row.classList.toggle("left-out", !one);
      row.dataset.rank = one ? one.rank : rows.length + 1;
      row.dataset.tie = one ? one.tie : "";
      row.dataset.best = one ? one.best : "";
      row.dataset.top3 = one ? one.top3 : "";
      const put = (name, text) => { row.querySelector(`[data-cell=${name}]`).textContent = text; };
      put("rank", one ? one.rank : "–");
      put("range", one ? (one.low === one.high ? one.low : `${one.low}–${one.high}`) : panel.dataset.noCost);
      put("tie", one ? one.tie : "–");
      put("best", one ? percent(one.best) : "–");
      put("top3", one ? percent(one.top3) : "–");
    });
    shown.sort = "rank";
    shown.down = false;
    table.querySelectorAll("th[aria-sort]").forEach((head) => head.removeAttribute("aria-sort"));
    table.querySelector("button.sort[data-sort=rank]").closest("th").setAttribute("aria-sort", "ascending");
    arrange();
  };

  const update = async () => {
    sliders.forEach((slider) => { document.getElementById(`${slider.id}-out`).textContent = slider.value; });
    const weights = Object.fromEntries(sliders.map((slider) => [slider.name, Number(slider.value)]));
    if (!Object.values(weights).some((one) => one > 0)) { status.textContent = panel.dataset.none; return; }
    try { if (!data) await load(); } catch (error) { status.textContent = panel.dataset.failed; return; }
    const begun = performance.now();
    const ranked = rank(weights);
    show(ranked);
    table.dataset.milliseconds = (performance.now() - begun).toFixed(1);
    table.dataset.ranked = JSON.stringify(ranked.map((one) => [one.id, one.rank, one.tie, one.low, one.high]));
    const first = ranked.filter((one) => one.tie === 1).map((one) => rows.find((row) => row.dataset.id === one.id).dataset.name);
    status.textContent = `${panel.dataset.first} ${first.slice(0, 4).join("; ")}${first.length > 4 ? ` (+${first.length - 4})` : ""}`;
  };
  sliders.forEach((slider) => slider.addEventListener("input", update));
  panel.querySelector("[data-reset]").addEventListener("click", () => {
    sliders.forEach((slider) => { slider.value = slider.defaultValue; });
    update();
  });
  panel.addEventListener("toggle", () => { if (panel.open && !data) load().catch(() => {}); });
})();
