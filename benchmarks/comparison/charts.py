"""The pictures of compare.py and roofline.py."""

import matplotlib

matplotlib.use("svg")
# Text stays text: small files, in the reader's own font.
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "prumux", "font.size": 9})

from matplotlib import pyplot, ticker  # noqa: E402  (after the choice of what it draws with)

COLOURS = {
    "prumux": "#0072b2",
    "openvino": "#e69f00",
    "onnxruntime": "#009e73",
    "ctranslate2": "#cc79a7",
    "torch.compile": "#56b4e9",
    "pytorch": "#999999",
}


def engines_of(results):
    """Those that any of the cells was measured with."""
    return [name for name in COLOURS if any(name in result["engines"] for result in results)]


def rounded(rate):
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}"


def save(figure, path):
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def draw_comparison(results, path):
    """Of each cell a group of bars: an engine's examples per second over prumux's."""
    figure, axes = pyplot.subplots(figsize=(7, 0.4 + 0.16 * sum(len(r["engines"]) for r in results)))
    position, ticks = 0.0, []
    for result in results:
        ours = result["engines"]["prumux"]["median"]
        first = position
        for engine in engines_of([result]):
            rate = result["engines"][engine]["median"]
            axes.barh(position, rate / ours, height=0.9, color=COLOURS[engine])
            axes.text(rate / ours + 0.01, position, rounded(rate), va="center", fontsize=7)
            position += 1
        ticks.append(((first + position - 1) / 2, result["cell"]))
        position += 0.7
    axes.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.invert_yaxis()
    axes.set_xlabel("throughput, prumux = 1 (examples/s behind the bars)")
    axes.spines[["top", "right"]].set_visible(False)
    engines = engines_of(results)
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=COLOURS[name]) for name in engines]
    axes.legend(handles, engines, ncols=6, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    save(figure, path)


def draw_roofline(points, bandwidth, path):
    """Points of {cell, format, intensity, rate, peak}: operations per byte, GFLOP/s."""
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    formats = list(dict.fromkeys(point["format"] for point in points))
    ridges = [point["peak"] / bandwidth for point in points]
    low, high = min(ridges) / 2, 3 * max(ridges + [point["intensity"] for point in points])
    for name, colour in zip(formats, COLOURS.values()):
        of_format = sorted(
            (point for point in points if point["format"] == name), key=lambda point: point["rate"]
        )
        peak = of_format[0]["peak"]
        axes.plot([low, peak / bandwidth, high], [low * bandwidth, peak, peak], color=colour, lw=1)
        axes.text(high, peak, f"{name}: {peak:,.0f}", va="bottom", ha="right", color=colour)
        for index, point in enumerate(of_format):
            at = (point["intensity"], point["rate"])
            axes.plot(*at, "o", color=colour, ms=4)
            axes.annotate(
                f"{point['cell']}: {point['rate'] / peak:.0%}",
                at,
                xytext=(6, 6 * index - 3 * len(of_format)),
                textcoords="offset points",
                fontsize=7,
            )
    axes.set(xscale="log", yscale="log", xlabel="operations per byte of memory", ylabel="GFLOP/s")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.StrMethodFormatter("{x:,.0f}"))
        axis.set_minor_formatter(ticker.NullFormatter())
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, path)
