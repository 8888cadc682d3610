"""All routes and flows about vouchers."""

from handlers.voucher import applying, deciding, holding, papers, redeeming
from handlers.voucher.applying import Apply
from handlers.voucher.redeeming import Redeem

ROUTERS = (
    holding.router,
    applying.router,
    papers.router,
    redeeming.router,
    deciding.router,
)
FLOWS = (Apply, Redeem)
