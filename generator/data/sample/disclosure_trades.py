"""All trades of the sample, in one fixed order."""

from generator.data.sample.disclosure_trade import Trade
from generator.data.sample.disclosure_trades_assembly import ASSEMBLY_TRADES
from generator.data.sample.disclosure_trades_chemical import CHEMICAL_TRADES
from generator.data.sample.disclosure_trades_light import LIGHT_TRADES
from generator.data.sample.disclosure_trades_power import POWER_TRADES
from generator.data.sample.disclosure_trades_public import PUBLIC_TRADES

TRADES: tuple[Trade, ...] = (
    *POWER_TRADES,
    *CHEMICAL_TRADES,
    *LIGHT_TRADES,
    *ASSEMBLY_TRADES,
    *PUBLIC_TRADES,
)
