"use strict";
const atlas = JSON.parse(document.getElementById("data").textContent);
const features = atlas.features, width = atlas.width;
const height = Math.ceil((1 + Math.max(...features.map(f => f.cell))) / width);
const measures = {
  "how often it fires (log10 of the share of tokens)": f => Math.log10((f.fired + 0.5) / atlas.tokens),
  "correlation with valence": f => f.valence,
  "labels that match": f => matches(f) ? 1 : 0,
};
const colour = document.getElementById("colour"), search = document.getElementById("search");
const at = new Map(features.map((f, i) => [f.cell, i]));
for (const name of Object.keys(measures)) colour.append(new Option(name));

function matches(feature) {
  const word = search.value.trim().toLowerCase();
  return word !== "" && (feature.label.toLowerCase().includes(word) || `${features.indexOf(feature)}` === word);
}

function draw() {
  const measure = measures[colour.value];
  const rows = (of) => Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => {
    const i = at.get(y * width + x);
    return i === undefined ? null : of(features[i], i);
  }));
  const signed = colour.value === "correlation with valence";
  Plotly.react("cortex", [{
    type: "heatmap", z: rows(measure), text: rows((f, i) => `#${i} ${f.label.replace(/</g, "‹")}`), hoverinfo: "text",
    colorscale: signed ? "RdBu" : "Viridis", ...(signed ? { zmid: 0 } : {}),
  }], {
    height: 720, margin: { l: 10, r: 10, t: 10, b: 10 }, paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)", font: { color: "#7a7f98" },
    xaxis: { visible: false }, yaxis: { visible: false, autorange: "reversed", scaleanchor: "x" },
  }, { displayModeBar: false });
}

function element(kind, text, parent) {
  const made = document.createElement(kind);
  made.textContent = text;
  parent.append(made);
  return made;
}

function list(title, lines, parent) {
  if (!lines.length) return;
  element("h3", title, parent);
  const items = element("ul", "", parent);
  for (const line of lines) element("li", line, items);
}

function show(index) {
  const feature = features[index], details = document.getElementById("details");
  document.getElementById("name").textContent = `#${index} ${feature.label}`;
  details.replaceChildren();
  const share = (100 * feature.fired / atlas.tokens).toFixed(2);
  element("p", `Fires on ${share} % of ${atlas.tokens} tokens; correlation with valence ${feature.valence}.`, details);
  element("p", `Promotes: ${feature.promoted.join(" · ")}`, details);
  element("p", `Suppresses: ${feature.suppressed.join(" · ")}`, details);
  const histogram = element("div", "", details);
  Plotly.newPlot(histogram, [{ type: "bar", x: feature.histogram.map((_, i) => (i + 0.5) / feature.histogram.length),
    y: feature.histogram, marker: { color: "#e0af68" } }], { height: 220, margin: { l: 50, r: 10, t: 10, b: 40 }, font: { color: "#7a7f98" }, paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)", xaxis: { title: { text: "level, share of the 99th percentile" } } },
    { displayModeBar: false });
  list("Where it fires most, in the corpus", feature.contexts.map(([level, text]) => `${level.toFixed(2)}  ${text}`), details);
  list("In your own conversations", feature.own.map(([level, text]) => `${level.toFixed(2)}  ${text}`), details);
  if (feature.time.length)
    element("p", `Correlation with valence over the soul's life: ${feature.time.map(r => r ?? "–").join(", ")}`, details);
  element("h3", "Neighbours", details);
  for (const [other, cosine] of feature.neighbours) {
    const link = element("a", `#${other} ${features[other].label} (${cosine})`, element("div", "", details));
    link.href = `#${other}`;
  }
}

colour.addEventListener("change", draw);
search.addEventListener("input", () => { colour.value = "labels that match"; draw(); });
window.addEventListener("hashchange", () => show(Number(location.hash.slice(1)) || 0));
draw();
document.getElementById("cortex").on("plotly_click", event => {
  location.hash = at.get(event.points[0].y * width + event.points[0].x);
});
show(Number(location.hash.slice(1)) || 0);
