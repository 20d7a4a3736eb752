"""The service's words for what only goes wrong in tests; the others are the demo's."""

from pan123_tui.simulator.responses import Refusal


class HttpRefusal(Refusal):
    """A refusal that shows in the status of HTTP too."""

    def __init__(self, code: int, message: str, *, http_status: int) -> None:
        super().__init__(code, message)
        self.http_status = http_status


TOO_FREQUENT = "请求太频繁"
TOKEN_EXPIRED = "token is expired"
REFRESH_TOKEN_INVALID = "refresh_token无效"
TOKENS_EXCEEDED = "tokens number has exceeded the limit"
TOO_MANY_TASKS_IN_ENGLISH = "the number of download tasks has reached the maximum"
QUOTA_USED_UP = "流量已超限"
SERVICE_BUSY = "服务繁忙"
LOGIN_INVALID = "无效的登录信息"
NO_ROUTE = "no Route matched with those values"
UNAUTHORIZED = "Unauthorized"
