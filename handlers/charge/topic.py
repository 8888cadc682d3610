"""All of fees that the account answers."""

from handlers.charge import account, income, keeper, quote, user
from handlers.charge.income import Spend
from handlers.charge.keeper import Confirm
from handlers.charge.quote import Quote
from handlers.charge.user import Object

ROUTERS = (account.router, keeper.router, user.router, income.router, quote.router)
FLOWS = (Confirm, Object, Spend, Quote)
