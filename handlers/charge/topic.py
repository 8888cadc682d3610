"""All of fees that the account answers."""

from handlers.charge import account, income, keeper, user
from handlers.charge.income import Spend
from handlers.charge.keeper import Confirm
from handlers.charge.user import Object

ROUTERS = (account.router, keeper.router, user.router, income.router)
FLOWS = (Confirm, Object, Spend)
