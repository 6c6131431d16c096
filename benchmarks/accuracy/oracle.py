"""The model over time beside NumPyro: the same model sampled, on simulated corridors, with gates of convergence.

Needs the dependency group ``oracle`` (numpyro). Jumps, sharp turns and steps are switched off, so that levels and
drifts can be integrated exactly and only parameters and shared turns are sampled. Compared are parameters, and what is
expected of every corridor a year ahead. The comparison counts only if no R-hat exceeds 1.01, every effective sample
size reaches 400 and nothing diverged.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final

from smstock.models.fusion import fit as fitting
from smstock.models.fusion.filter import run
from smstock.models.fusion.forecast import forecast
from smstock.models.fusion.panel import Panel, panel
from smstock.models.fusion.parameters import PROCESS, Parameter, learnt_scale, point

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NEVER: Final = 1e-9
OFF: Final = ("jump_share", "bend_share", "step_share")
LEARNT: Final = tuple(name for name in PROCESS if name not in (*OFF, "jump", "bend", "step"))
TARGET: Final = "2018-01-01"
WARMUP: Final = 600
DRAWS: Final = 1_800
CHAINS: Final = 2
R_HAT: Final = 1.01
DRAWS_ALIKE: Final = 400


def main(words: list[str]) -> None:
    """Print parameters and forecasts of both, and fail where the sampler did not converge."""
    import numpy as np

    made = panel(simulated(int(words[0]) if words else 1), dates=[TARGET])
    start = time.process_time()
    rows, expected, sd = ours(made)
    own = time.process_time() - start
    start = time.process_time()
    draws, gates = sampled(made)
    print(f"CPU seconds: ours {own:.1f}, NumPyro {time.process_time() - start:.0f}; {gates}\n")
    print("| parameter | ours: mean, sd | NumPyro: mean, sd | difference / sd |\n| --- | ---: | ---: | ---: |")
    for place, name in enumerate(LEARNT):
        own_draws, theirs = rows[:, place], np.asarray(draws[name])
        apart = (own_draws.mean() - theirs.mean()) / theirs.std()
        print(
            f"| {name} | {own_draws.mean():.2f}, {own_draws.std():.2f} "
            f"| {theirs.mean():.2f}, {theirs.std():.2f} | {apart:+.2f} |"
        )
    mean, spread = np.asarray(draws["ahead"]).mean(axis=0), np.asarray(draws["ahead_sd"])
    total_sd = np.sqrt(np.square(spread).mean(axis=0) + np.asarray(draws["ahead"]).var(axis=0))
    off = (expected - mean) / total_sd
    most, typical = np.abs(off).max(), np.sqrt((off**2).mean())
    print(f"\nA year ahead, {len(mean)} corridors, in NumPyro's standard deviations: medians differ by {typical:.2f}")
    print(f"(root mean square; at most {most:.2f}); our standard deviations are {np.median(sd / total_sd):.2f} of its.")
    if not gates.startswith("converged"):
        sys.exit("the sampler did not converge: nothing is compared")


def simulated(seed: int) -> pd.DataFrame:
    """Return eight yearly figures of 48 corridors with own and shared drifts."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    rows = []
    turns = {name: 0.03 * rng.standard_normal(8) for name in [f"D{place:02}" for place in range(6)]}
    for destination, shared in turns.items():
        for origin in range(8):
            level, drift, size = rng.uniform(5, 11), 0.03 * rng.standard_normal(), 0.0
            for year in range(8):
                size = np.exp(level + 0.2 * np.exp(-level / 2) * rng.standard_normal())
                rows.append((destination, f"O{origin:02}", f"{2010 + year}-01-01", size, "register"))
                drift = 0.8 * drift + shared[year] + 0.01 * rng.standard_normal()
                level += drift + 0.5 * np.exp(-level / 2) * rng.standard_normal()
    return pd.DataFrame(rows, columns=["destination", "origin", "reference_date", "value", "source"])


def priors() -> dict[str, Parameter]:
    """Return the parameters with the shares of jumps, sharp turns and steps fixed at almost nothing."""
    return {
        name: Parameter(
            known.meaning, NEVER if name in OFF else known.median, known.scale, 1e-3 if name in OFF else known.sd
        )
        for name, known in PROCESS.items()
    }


def ours(made: Panel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points of the learnt parameters (learnt scale), and mean and sd of the log figure a year ahead."""
    import numpy as np

    named = priors()
    posterior = fitting._Posterior(made, named)  # noqa: SLF001 - the fit itself, with other priors
    mode = posterior.climbed(posterior.centre, np.arange(len(named)), 60)
    root = np.linalg.cholesky(posterior.covariance(mode))
    around = mode + fitting._normal_points(64, len(mode)) @ root.T  # noqa: SLF001
    at = point(named, around)
    passed = run(made, at, until=TARGET)
    ahead = forecast(made, at, passed.last, 0.0, since=1.0)
    return around[:, [list(named).index(name) for name in LEARNT]], ahead.mean, ahead.sd


def sampled(made: Panel) -> tuple[dict[str, Any], str]:
    """Return NumPyro's draws, and whether they converged."""
    import jax
    import numpy as np
    import numpyro
    from numpyro.diagnostics import summary
    from numpyro.infer import MCMC, NUTS

    numpyro.enable_x64()
    sampler = MCMC(
        NUTS(model, target_accept_prob=0.9),
        num_warmup=WARMUP,
        num_samples=DRAWS,
        num_chains=CHAINS,
        chain_method="sequential",
        progress_bar=False,
    )
    sampler.run(jax.random.PRNGKey(1), made, np.array([measurement.log for measurement in made.measurements]))
    chains = {
        name: draw for name, draw in sampler.get_samples(group_by_chain=True).items() if not name.startswith("ahead")
    }
    table = summary(chains)
    worst = max(float(np.max(row["r_hat"])) for row in table.values())
    least = min(float(np.min(row["n_eff"])) for row in table.values())
    diverged = int(sampler.get_extra_fields()["diverging"].sum())
    good = worst <= R_HAT and least >= DRAWS_ALIKE and not diverged
    diagnostics = f"R-hat at most {worst:.3f}, effective size at least {least:.0f}, {diverged} divergences"
    return dict(sampler.get_samples()), f"{'converged' if good else 'not converged'}: {diagnostics}"


def model(made: Panel, logs: np.ndarray) -> None:
    """State the model to NumPyro: normal parameters, shared turns; corridors integrated by dense algebra."""
    import jax.numpy as jnp
    import numpyro
    from jax import vmap
    from numpyro import distributions as dist

    centre, spread = learnt_scale(priors())
    names = list(PROCESS)
    raw = {
        name: numpyro.sample(name, dist.Normal(centre[names.index(name)], spread[names.index(name)])) for name in LEARNT
    }
    of = {
        name: 1 / (1 + jnp.exp(-raw[name]))
        if name == "damping"
        else raw[name]
        if name == "growth"
        else jnp.exp(raw[name])
        for name in LEARNT
    }
    years, size = len(logs), jnp.asarray(made.size)
    with numpyro.plate("years", years - 1, dim=-2):
        with numpyro.plate("destinations", len(made.destinations), dim=-1):
            at_destination = numpyro.sample("z_destination", dist.Normal(0, 1)) * of["destination_turn"]
        with numpyro.plate("origins", len(made.origins), dim=-1):
            from_origin = numpyro.sample("z_origin", dist.Normal(0, 1)) * of["origin_turn"]
    shared = at_destination[:, made.destination] + from_origin[:, made.origin]
    kappa = -jnp.log(of["damping"])
    rho, psi = of["damping"], (1 - of["damping"]) / kappa
    q_drift = (1 - rho**2) / (2 * kappa)
    q_level, q_both = (1 - 2 * psi + q_drift) / kappa**2, (1 - rho) ** 2 / (2 * kappa**2)
    mean, turn = of["growth"] / jnp.sqrt(size), of["turn"] ** 2 + of["turn_small"] ** 2 / size
    noise, error = of["noise"] ** 2 + of["noise_small"] ** 2 / size, of["error"] ** 2 / size + 1e-8
    move = jnp.array([[1.0, psi], [0.0, rho]])

    def of_corridor(first: Any, turns: Any, own: Any) -> tuple[Any, Any]:
        m, q, w, e = own
        state, cov = jnp.array([first, m]), jnp.array([[e, 0.0], [0.0, of["start"] ** 2 + q]])
        disturbed = jnp.array([[w + q * q_level, q * q_both], [q * q_both, q * q_drift]])
        means, covs = [], []
        for year in range(years):
            turned = turns[year] if year < years - 1 else 0.0
            state = jnp.array(
                [state[0] + psi * (state[1] + turned) + (1 - psi) * m, rho * (state[1] + turned) + (1 - rho) * m]
            )
            cov = move @ cov @ move.T + disturbed
            means.append(state[0])
            covs.append(cov)
        rows = []
        for early in range(years):
            later, row = covs[early], []
            for _ in range(early, years):
                row.append(later[0, 0])
                later = move @ later
            rows.append(jnp.concatenate([jnp.zeros(early), jnp.array(row)]))
        upper = jnp.array(rows)
        covariance = upper + upper.T - jnp.diag(jnp.diag(upper)) + e * jnp.eye(years)
        return jnp.array(means), covariance

    means, covs = vmap(of_corridor)(jnp.asarray(logs[0]), shared.T, (mean, turn, noise, error))
    given = years - 1
    numpyro.sample(
        "figures", dist.MultivariateNormal(means[:, :given], covs[:, :given, :given]), obs=jnp.asarray(logs[1:].T)
    )
    weights = jnp.linalg.solve(covs[:, :given, :given], covs[:, :given, given][..., None])[..., 0]
    numpyro.deterministic(
        "ahead", means[:, given] + (weights * (jnp.asarray(logs[1:].T) - means[:, :given])).sum(axis=1)
    )
    left = covs[:, given, given] - (weights * covs[:, :given, given]).sum(axis=1)
    to_come = psi**2 * (of["destination_turn"] ** 2 + of["origin_turn"] ** 2)
    numpyro.deterministic("ahead_sd", jnp.sqrt(left + to_come))
