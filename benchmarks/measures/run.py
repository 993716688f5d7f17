"""Compares 17 measures of every draw of every setting with a loop over PySAL and numpy: `run.py [--settings 200]`.

The loop is what an analyst writes without the package. For each setting and draw it makes one call a measure: PySAL's
`inequality` for Gini, Theil, Atkinson and Schutz's (Hoover's) index, numpy for the others. PySAL takes no weights, so
all subgroups count equally on both sides, and both must give the same numbers to 1e-9. With --looped, the loop runs
over that many settings only and its time is scaled; without it, over all of them. `inequality` (BSD-3-Clause) is not a
dependency of the project: run `python -m pip install inequality pyyaml` in a separate environment. The exit code is 0
whatever the times.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from divide_cli.analysis.measures.subgroups import Subgroups, evaluate  # noqa: E402
from divide_cli.catalogue import catalogue  # noqa: E402

MEASURES = (
    "between_group_variance", "between_group_standard_deviation", "coefficient_of_variation",
    "mean_difference_from_mean_unweighted", "mean_difference_from_mean", "mean_difference_from_best_unweighted",
    "mean_difference_from_best", "mean_difference_from_reference_unweighted", "mean_difference_from_reference",
    "index_of_disparity_unweighted", "index_of_disparity", "theil_index", "mean_log_deviation", "gini_index",
    "hoover_index", "atkinson_index_one", "generalised_entropy_two",
)  # fmt: skip


def ours(values: np.ndarray) -> np.ndarray:
    """Shape (settings, measures, draws)."""
    settings, draws, number = values.shape
    entries = [catalogue().subgroup_measures[name] for name in MEASURES]
    made = np.empty((settings, len(entries), draws))
    shares = np.full(number, 1 / number)
    for setting in range(settings):  # one setting's draws stay in the processor's cache
        of = Subgroups(values[setting], shares, maximum=100.0)
        for place, entry in enumerate(entries):
            made[setting, place] = evaluate(entry, of)
    return made


def looped(values: np.ndarray) -> np.ndarray:
    """The same with one call a measure and draw."""
    from inequality.atkinson import atkinson
    from inequality.gini import Gini
    from inequality.theil import Theil

    def hoover(y):
        return np.abs(y / y.mean() - 1).mean() / 2  # PySAL's Schutz needs a data frame, and takes far longer

    calls = (
        lambda y: ((y - y.mean()) ** 2).mean(),
        lambda y: y.std(),
        lambda y: 100 * y.std() / y.mean(),
        lambda y: np.abs(y - y.mean()).mean(),
        lambda y: np.abs(y - y.mean()).mean(),
        lambda y: np.abs(y - y.max()).mean(),
        lambda y: np.abs(y - y.max()).mean(),
        lambda y: np.abs(y - y.max()).mean(),
        lambda y: np.abs(y - y.max()).mean(),
        lambda y: 100 * np.abs(y - y.mean()).mean() / y.mean(),
        lambda y: 100 * np.abs(y - y.mean()).mean() / y.mean(),
        lambda y: 1000 * Theil(y).T,
        lambda y: -1000 * np.log(y / y.mean()).mean(),
        lambda y: Gini(y).g,
        hoover,
        lambda y: atkinson(y, 1),
        lambda y: ((y / y.mean()) ** 2 - 1).mean() / 2,
    )
    settings, draws, _ = values.shape
    made = np.empty((settings, len(calls), draws))
    for setting in range(settings):
        for draw in range(draws):
            for place, call in enumerate(calls):
                made[setting, place, draw] = np.squeeze(call(values[setting, draw]))
    return made


def main() -> None:
    """Both ways in one run, their numbers compared."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=int, default=200)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--subgroups", type=int, default=34)
    parser.add_argument("--looped", type=int, default=0, help="settings that the loop runs over; 0: all")
    chosen = parser.parse_args()
    random = np.random.default_rng(80173)
    level = random.uniform(20, 80, (chosen.settings, 1, chosen.subgroups))
    values = np.clip(level + random.normal(0, 3, (chosen.settings, chosen.draws, chosen.subgroups)), 0.1, 100)
    ours(values[:1])  # the catalogue is read
    begun, used = time.perf_counter(), time.process_time()
    mine = ours(values)
    took, worked = time.perf_counter() - begun, time.process_time() - used
    number = min(chosen.looped or chosen.settings, chosen.settings)
    begun, used = time.perf_counter(), time.process_time()
    theirs = looped(values[:number])
    loop, loop_worked = ((time.perf_counter() - begun) / number * chosen.settings,
                         (time.process_time() - used) / number * chosen.settings)  # fmt: skip
    np.testing.assert_allclose(mine[:number], theirs, rtol=1e-9, atol=1e-9)
    told = "" if number == chosen.settings else f" (measured on {number} settings)"
    print(
        f"{len(MEASURES)} measures, {chosen.draws:,} draws, {chosen.settings} settings of {chosen.subgroups} subgroups"
    )
    print(
        f"divide          {took:8.2f} s wall {worked:8.2f} s CPU   {1000 * worked / chosen.settings:6.1f} ms a setting"
    )
    print(f"loop of calls   {loop:8.2f} s wall {loop_worked:8.2f} s CPU{told}")
    print(f"ratio           {loop / took:8.1f} wall   {loop_worked / worked:8.1f} CPU; the numbers agree to 1e-9")


if __name__ == "__main__":
    main()
