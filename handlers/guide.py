"""What one can write: in twelve lines for everybody, and topic by topic."""

from collections.abc import Awaitable, Callable

from bot.kit.heard import Heard
from bot.kit.route import Router
from bot.kit.say import Say
from store.context import Context
from store.person import Role

router = Router("guide")

Told = Callable[[Context, Heard], Awaitable[Say]]
ROLES = (Role.KEEPER, Role.REPRESENTATIVE, Role.BUREAU, Role.FINANCE)


@router.words("帮助", "怎么用", "help", "?")
async def helped(context: Context, heard: Heard) -> Say:
    """What one can write, by role."""
    del heard
    return Say("guide.all", {role: _line(context, role) for role in ROLES})


def _line(context: Context, role: Role) -> dict[str, str] | None:
    return {"key": f"guide.role.{role}"} if role in context.roles else None


def about(key: str) -> Told:
    """What one can write about a topic."""

    async def told(context: Context, heard: Heard) -> Say:
        del heard
        return Say(f"guide.about.{key}", {"bureau": context.policy.names.bureau})

    return told


router.words("帮助 找仪器", "帮助 找")(about("finding"))
router.words("帮助 预约", "怎么预约", "怎么约", "预约指南")(about("booking"))
router.words("帮助 送样", "怎么送样")(about("samples"))
router.words("帮助 费用", "帮助 合同", "怎么签合同", "怎么结算")(about("money"))
router.words("帮助 创新券")(about("vouchers"))
router.words("帮助 工单", "帮助 需求", "帮助 投诉")(about("tickets"))
router.words("帮助 我的", "帮助 提醒", "帮助 资料")(about("own"))
router.words("帮助 机主")(about("keeper"))
router.words("帮助 单位代表", "帮助 代表", "帮助 单位")(about("representative"))
router.words("帮助 管理部门", "帮助 局")(about("bureau"))
