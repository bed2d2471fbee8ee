"""What a shock makes of the baseline's shares: the matrices between places that the equations multiply by (model.md 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.accounts import Accounts
from planner.engine.cells import CellOperator
from planner.engine.series import kernel_changes, own_matrix
from planner.engine.shock import Shock
from planner.engine.types import Array, compiled


@dataclass(frozen=True)
class Operators:
    """Prepared once for a shock; arrays at the shock's cells, (cell, column).

    change: K^ - 1, trade at given prices over the baseline's, None where only the matrix was made; border: 1/(1 + t') of a
    certificate's price; received: what sellers get of a unit spent. Matrices: shares and, without tastes, priced; receipts
    of sellers; untaxed (None without tariffs); sent, at border prices (None without export taxes); at_cost, without margins
    (None without inputs).
    """

    change: Array | None
    border: Array
    received: Array
    shares: CellOperator
    priced: CellOperator
    receipts: CellOperator
    untaxed: CellOperator | None
    sent: CellOperator | None
    at_cost: CellOperator | None


def has_tariff(accounts: Accounts, shock: Shock) -> bool:
    """Whether there are tariffs, before or after."""
    return shock.tariff is not None or bool(accounts.tariff.any())


def prepare(accounts: Accounts, shock: Shock, theta: Array, room: Array | None = None) -> Operators:
    """The operators of a shock; theta (sector, column); room: where a matrix of one column's own may be written."""
    cells = shock.cells
    if shock.columns == 1 and cells.are_many(accounts.flows.size) and only_costs(accounts, shock):
        return own_costs(accounts, shock, theta, room)
    taxed = has_tariff(accounts, shock)
    baseline_tariff = cells.gather(accounts.tariff)[:, None] if taxed else np.zeros((1, 1))
    share = accounts.bought.reshape(-1)  # in the order of the cells
    share = share if len(cells) == share.size else share[cells.keys]
    tariff = baseline_tariff if shock.tariff is None else shock.tariff
    cheaper = price_change(shock, theta, baseline_tariff)
    change = with_taste(shock, cheaper)
    paid = 1 / (1 + tariff)
    base_paid = 1 / (1 + baseline_tariff)
    border = received = paid
    if shock.certificate is not None:
        # Importers pay for certificates on top of the border price; exporters earn them on top of it.
        border = paid / np.maximum(shock.certificate, 1.0)
        received = paid / shock.certificate
    if shock.export_tax is not None:
        received = received / (1 + shock.export_tax)
    shares, net = (array.transpose(0, 2, 1) for array in (accounts.bought, accounts.bought_net))

    def net_of(part: Array) -> CellOperator:
        return CellOperator(net, cells, share, (1 + change) * part - base_paid)

    operator = CellOperator(shares, cells, share, change)
    plain = not taxed and shock.export_tax is None and shock.certificate is None
    return Operators(
        change=change,
        border=np.broadcast_to(border, change.shape),
        received=np.broadcast_to(received, change.shape),
        shares=operator,
        # A taste moves what is bought, not what it costs: prices are those of the costs alone.
        priced=operator if shock.taste is None else CellOperator(shares, cells, share, cheaper),
        receipts=operator if plain else net_of(received),
        untaxed=net_of(paid) if taxed else None,
        sent=net_of(border) if shock.export_tax is not None else None,
        at_cost=net_of(received * np.exp(-shock.margin))
        if shock.margin is not None and accounts.input_share is not None
        else None,
    )


def only_costs(accounts: Accounts, shock: Shock) -> bool:
    """Whether nothing but costs without tariffs and taxes changes at the cells."""
    others = (shock.margin, shock.taste, shock.export_tax, shock.certificate)
    return shock.log_cost is not None and all(one is None for one in others) and not has_tariff(accounts, shock)


def own_costs(accounts: Accounts, shock: Shock, theta: Array, room: Array | None = None) -> Operators:
    """The operators of one column in which most costs change, and nothing else does; room: see `prepare`."""
    assert shock.log_cost is not None
    cells, matrix = shock.cells, np.empty_like(accounts.bought) if room is None else room
    rate, logs = compiled(theta[:, 0]), compiled(shock.log_cost[:, 0])
    own_matrix(accounts.bought.reshape(-1), cells.keys, cells.sector, rate, logs, matrix.reshape(-1))
    operator = CellOperator.own(accounts.bought.transpose(0, 2, 1), cells, matrix)
    ones = np.broadcast_to(1.0, (len(cells), 1))
    return Operators(None, ones, ones, operator, operator, operator, None, None, None)


def kernel_change(accounts: Accounts, shock: Shock, theta: Array) -> Array:
    """K^ - 1 at the shock's cells, (cell, column)."""
    return with_taste(shock, price_change(shock, theta, shock.cells.gather(accounts.tariff)[:, None]))


def price_change(shock: Shock, theta: Array, baseline_tariff: Array) -> Array:
    """The same but for tastes; baseline_tariff (cell, 1)."""
    logs = log_factor(shock, baseline_tariff)
    return kernel_changes(compiled(logs), compiled(theta), shock.cells.sector)


def with_taste(shock: Shock, change: Array) -> Array:
    """A change of the kernel, once tastes have changed too."""
    return change if shock.taste is None else (1 + change) * shock.taste - 1


def log_factor(shock: Shock, baseline_tariff: Array) -> Array:
    """ln of what buyers pay at the shock's cells over the baseline, at given costs of sellers, (cell, column)."""
    parts = [array for array in (shock.log_cost, shock.margin) if array is not None]
    if shock.tariff is not None:
        parts.append(np.log1p(shock.tariff) - np.log1p(baseline_tariff))
    if shock.export_tax is not None:
        parts.append(np.log1p(shock.export_tax))
    if shock.certificate is not None:
        parts.append(np.log(shock.certificate))
    if not parts:
        return np.zeros((len(shock.cells), shock.columns))
    found = parts[0]
    for part in parts[1:]:
        found = found + part
    shape = (len(shock.cells), shock.columns)
    return found if found.shape == shape else np.broadcast_to(found, shape)
