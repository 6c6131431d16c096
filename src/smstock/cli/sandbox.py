"""``smstock sandbox``: a simulated world and a simulated platform in front of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smstock.cli.terminal import JsonOption, note, show_json

if TYPE_CHECKING:
    from smstock.sandbox.linkedin import SimulatedLinkedIn
    from smstock.sandbox.meta import SimulatedMeta

app = typer.Typer(
    name="sandbox",
    help="Simulate a world and a platform in front of it, to do the whole job without a credential.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich help costs 0.3 s at every start
)

SeedOption = Annotated[int, typer.Option(min=0, help="The world; the same seed is the same world.")]


@app.command()
def serve(
    seed: SeedOption = 1,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")] = 8765,
    tier: Annotated[Literal["limited", "full"], typer.Option(help="Quota: few calls or many.")] = "limited",
    latency: Annotated[float, typer.Option(min=0, help="Seconds from a request to its answer.")] = 0.5,
    faults: Annotated[Literal["none", "some", "many"], typer.Option(help="How much goes wrong.")] = "none",
    era: Annotated[
        Literal["point", "bounds"], typer.Option(help="How numbers are shown: until, or since, November 2021.")
    ] = "bounds",
    as_json: JsonOption = False,
) -> None:
    """Answer as Meta and LinkedIn do, about a simulated world, on this machine only, until Ctrl-C or SIGTERM.

    Prints the settings under which smstock asks it. Quotas: 300 or 100,000 calls an hour as Meta, 1,000 or 100,000 a
    day as LinkedIn.

    \b
    Example:
      smstock sandbox serve --tier full --latency 0
      smstock sandbox serve --seed 7 --faults many --port 0
    """
    import asyncio
    import time
    from dataclasses import replace

    import numpy as np

    from smstock.sandbox import linkedin, meta
    from smstock.sandbox.faults import PLANS
    from smstock.sandbox.members import simulate_members
    from smstock.sandbox.server import HOST, front, serve, stop_signals
    from smstock.sandbox.simulation import simulate

    world = simulate(np.random.default_rng(seed))
    service = meta.SimulatedMeta(
        world,
        time.time,
        accounts={meta.ACCOUNT: meta.account(tier)},
        era=era,
        faults=PLANS[faults],
        seed=seed,
    )

    # spurious floors are known of Meta only
    of_members = replace(PLANS[faults], glitch=0.0)
    members = linkedin.SimulatedLinkedIn(
        simulate_members(np.random.default_rng(seed), world),
        time.time,
        calls_per_day=linkedin.CALLS[tier],
        faults=of_members,
        seed=seed,
    )

    async def listen() -> None:
        server = await serve(front({"/rest/": members.handle}, service.handle), port=port, latency=latency)
        address = f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
        settings = {
            "SMSTOCK_META_URL": address,
            "SMSTOCK_META_TOKEN": meta.TOKEN,
            "SMSTOCK_META_ACCOUNT": meta.ACCOUNT,
            "SMSTOCK_LINKEDIN_URL": address,
            "SMSTOCK_LINKEDIN_TOKEN": linkedin.TOKEN,
        }
        with stop_signals() as stop:
            if as_json:
                show_json(settings)
            else:
                for name, value in settings.items():
                    print(f"export {name}={value}", flush=True)
            note(f"simulated world {seed}: set these in another terminal and ask; Ctrl-C ends it")
            await stop.wait()
        server.close()

    asyncio.run(listen())
    for name, platform in (("Meta", service), ("LinkedIn", members)):
        if platform.outcomes or platform.injected:
            note(f"{name}: {_in_words(platform)}")


@app.command()
def world(
    folder: Annotated[Path, typer.Argument(help="Folder to write; a new folder.")],
    seed: SeedOption = 1,
    month: Annotated[str, typer.Option(help="The present of the world, YYYY-MM; this month unless given.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Write a workspace about a simulated world: official figures, query, calibration, job, and the truth.

    It is the world that `smstock sandbox serve` with the same seed answers about.

    \b
    Example:
      smstock sandbox world simulated
      smstock sandbox world simulated --seed 7 --month 2026-11
    """
    from datetime import UTC, datetime

    import numpy as np

    from smstock.sandbox.folder import write
    from smstock.sandbox.simulation import simulate
    from smstock.vocabulary.dates import wave_of

    files = write(
        simulate(np.random.default_rng(seed)),
        folder,
        month=month or wave_of(datetime.now(UTC)),
        source=f"seed {seed}",
    )
    if as_json:
        show_json([str(path) for path in files])
    else:
        for path in files:
            print(path)
        note(f"simulated world {seed}: `smstock sandbox serve --seed {seed}` answers about it")


def _in_words(service: SimulatedMeta | SimulatedLinkedIn) -> str:
    """Return what a simulated platform did, in a sentence."""
    from collections import Counter

    refusals = [f"{count:,} refused with code {code}" for code, count in service.outcomes.items() if code != "ok"]
    faults = [
        f"{count:,} {fault}" for fault, count in Counter(injection.fault for injection in service.injected).items()
    ]
    injected = f"; injected: {', '.join(faults)}" if faults else ""
    return ", ".join([f"{service.outcomes['ok']:,} answers", *refusals]) + injected
