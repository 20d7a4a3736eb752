"""Pages that show or share a file: what is behind their links is a web page, not the file."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pan123_tui.domain.links.url import split_url
from pan123_tui.i18n import N_


class SharePage(NamedTuple):
    """Links of one service that lead to a page."""

    advice: str
    """What to do instead, to be translated."""
    source: str
    """Where the form of its links can be read."""
    host: str
    """A pattern for the whole host, without a `www.` before it."""
    rest: str
    """A pattern for the beginning of path and query."""
    service: str
    service_zh: str
    """Its name in Chinese."""


_ADVICE = {
    "save": N_("save the file to your own drive on that page"),
    "app": N_("only its own page or app can download the file"),
    "dl1": N_("change dl=0 to dl=1 to get the file"),
    "raw": N_("change blob to raw to get the file"),
    "resolve": N_("change blob to resolve to get the file"),
    "add_download": N_("add /download at its end to get the file"),
    "button": N_("copy the link of its download button instead"),
    "video": N_("a page with a player, whose video has no link of its own"),
    "article": N_("a page of text, which has no file"),
}
SOURCES = {
    "netdisk": "rules of the NetDisk userscript in WhiteSevs/TamperMonkeyScript",
    "yt-dlp": "_VALID_URL of the service's extractor in yt-dlp",
    "alist": "driver of the service in AList",
    "help": "the service's own help pages",
}
_TABLE = r"""
save         alist   123(?:pan|684|865|912|952|957)\.(?:com|cn) /s/|/b/s/ 123pan | 123云盘
save         alist   [\w-]+\.share\.123pan\.cn / 123pan | 123云盘
app          netdisk (?:pan|yun|eyun)\.baidu\.com /s/|/share/|/e/ Baidu Netdisk | 百度网盘
app          netdisk (?:aliyundrive|alipan)\.com /s/|/t/ Aliyun Drive | 阿里云盘
app          netdisk pan\.quark\.cn /s/ Quark | 夸克网盘
app          netdisk (?:115|115cdn|anxia)\.com /s/|/lb/ 115
app          netdisk pan\.xunlei\.com /s/ Xunlei | 迅雷云盘
app          netdisk (?:h5\.)?cloud\.189\.cn /t/|/web/share|/share China Telecom Cloud | 天翼云盘
app          netdisk (?:caiyun|yun)\.139\.com /m/i|/w/i|/link|/share China Mobile Cloud | 和彩云/139
app          alist   pan\.wo\.cn /s/ China Unicom Cloud | 联通云盘
button       netdisk (?:[\w-]+\.)*(?:lanzou[a-z]?|lanzo[a-z]{1,2}|lanzn)\.com /\w Lanzou | 蓝奏云
app          alist   (?:drive|fast)\.uc\.cn /s/ UC Drive | UC网盘
button       netdisk (?:.+\.)?(?:ctfile|545c|u062|ghpym)\.com /(?:f|d|file|dir)/ CTFile | 城通网盘
app          netdisk share\.weiyun\.com /\w Weiyun | 微云
button       netdisk (?:[\w-]+\.)?cowtransfer\.com /s/ CowTransfer | 奶牛快传
button       netdisk (?:wenshushu\.cn|wss1\.cn|ws28\.cn|wss\.ink) /[fk]/ Wenshushu | 文叔叔
app          alist   mypikpak\.(?:com|net) /s/ PikPak
button       help    docs\.qq\.com /(?:doc|sheet|slide|pdf|form)/ Tencent Docs | 腾讯文档
button       help    kdocs\.cn /l/|/p/ Kingsoft Docs | 金山文档
button       help    (?:[\w-]+\.)+feishu\.cn /(?:file|docx?|wiki|drive|sheets)/ Feishu | 飞书
button       yt-dlp  drive\.google\.com /(?:file/d|drive|folders|open)\b Google Drive
button       help    docs\.google\.com /\w+/d/(?!.*/export\b)|/file/d/ Google Docs
button       help    1drv\.ms /\w OneDrive
button       help    onedrive\.live\.com /(?!download\b)(?!.*[?&]download=1) OneDrive
button       help    [\w-]+\.sharepoint\.(?:com|cn) /:\w:/(?!.*[?&]download=1) SharePoint
dl1          yt-dlp  dropbox\.com /(?:s|sh|scl)/(?!.*[?&](?:dl|raw)=1) Dropbox
app          help    mega\.(?:co\.)?nz /(?:file/|folder/|embed/|#|$) MEGA
button       help    mediafire\.com /(?:file|folder|view|download)/|/\? MediaFire
button       help    (?:[\w-]+\.)?wetransfer\.com|we\.tl /(?:downloads/|t-) WeTransfer
button       yt-dlp  (?:[\w-]+\.)*box\.com /(?:s|v|file|folder)/ Box
button       help    icloud\.com(?:\.cn)? /iclouddrive/|/photos/ iCloud Drive
button       yt-dlp  disk\.yandex\.[a-z]{2,3}|yadi\.sk /[di]/ Yandex Disk
button       yt-dlp  gofile\.io /d/ Gofile
raw          help    github\.com /[^/]+/[^/]+/(?:blob|tree)/(?!.*[?&]raw=) GitHub
button       help    github\.com /[^/?]+/[^/?]+/?(?:$|\?|releases/?(?:$|tag|latest/?$)) GitHub
raw          help    .* /.+/-/(?:blob|tree)/ GitLab
raw          help    gitee\.com /[^/]+/[^/]+/(?:blob|tree)/ Gitee
resolve      help    huggingface\.co|hf-mirror\.com /.+/(?:blob|tree)/ Hugging Face
button       help    modelscope\.(?:cn|ai) /(?:models|datasets)/[^?]+/(?:files?|summary) ModelScope
add_download help    sourceforge\.net /projects/(?!.*/download/?(?:$|\?)) SourceForge
button       yt-dlp  archive\.org /details/ Internet Archive
video        yt-dlp  (?:m\.)?bilibili\.com|b23\.tv /(?:video|bangumi|read|opus|\w{7}$) Bilibili
video        yt-dlp  (?:m\.|music\.)?youtube\.com /(?:watch|shorts|playlist|live|embed|@) YouTube
video        yt-dlp  youtu\.be /[\w-] YouTube
video        yt-dlp  (?:v\.)?(?:ies)?douyin\.com /\w Douyin | 抖音
article      yt-dlp  (?:zhuanlan\.)?zhihu\.com /(?:question|p|answer|people|zvideo)/ Zhihu | 知乎
article      yt-dlp  mp\.weixin\.qq\.com /s WeChat articles | 微信公众号
article      yt-dlp  (?:m\.|share\.)?weibo\.(?:com|cn) /\w Weibo | 微博
app          yt-dlp  (?:t\.me|telegram\.me) /\w|/\+ Telegram
"""
SHARE_PAGES = tuple(
    SharePage(_ADVICE[advice], SOURCES[source], host, rest, name, zh.strip() or name)
    for advice, source, host, rest, names in (
        line.split(maxsplit=4) for line in _TABLE.strip().splitlines()
    )
    for name, _, zh in (map(str.strip, names.partition("|")),)
)


def share_page(url: str) -> SharePage | None:
    """Return which page `url` leads to, None if it may be a file."""
    parts = split_url(url)
    if parts is None:
        return None
    rest = parts.rest or "/"
    pages = _pages_of(parts.host.lower().rstrip(".").removeprefix("www."))
    return next((page for page in pages if re.match(page.rest, rest, re.IGNORECASE)), None)


@lru_cache(maxsize=1 << 12)
def _pages_of(host: str) -> Sequence[SharePage]:
    return [page for page in SHARE_PAGES if re.fullmatch(page.host, host)]
