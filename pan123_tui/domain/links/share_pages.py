"""Pages that show, share or lead to a file: their links open a web page, not the file."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from pan123_tui.domain.links.url import Doubt, check_url, encode_link, split_url


class SharePage(NamedTuple):
    """A service's pages: patterns for the host, without `www.`, and for the start of the path."""

    kind: str
    """What kind of page it is, which decides what to do instead."""
    host: str
    rest: str
    service: str
    service_zh: str

    @property
    def doubt(self) -> Doubt:
        return _DOUBTS.get(self.kind, Doubt.SHARE_PAGE)


_PAGES = ("video", "article", "raw", "resolve", "repo")
_DOUBTS = {"redirect": Doubt.REDIRECT, "short": Doubt.SHORT} | dict.fromkeys(_PAGES, Doubt.PAGE)
# The forms of the links are from yt-dlp's extractors, AList's drivers, the NetDisk userscript in
# WhiteSevs/TamperMonkeyScript, and the services' own help pages; those of redirects are from
# site-director in WindRunnerMax/TKScript, similar user scripts, and the services' own pages.
_TABLE = r"""
redirect     link\.zhihu\.com /?\? Zhihu | 知乎
redirect     link\.csdn\.net /?\? CSDN
redirect     link\.juejin\.cn /?\? Juejin | 掘金
redirect     (?:link\.)?jianshu\.com /?\?t=|/go-wild Jianshu | 简书
redirect     douban\.com /link2/?\? Douban | 豆瓣
redirect     weibo\.cn /sinaurl Weibo | 微博
redirect     c\.pc\.qq\.com /\w+\.html QQ
redirect     (?:wx\.)?mail\.qq\.com /cgi-bin/readtemplate|/xmspamcheck/ QQ Mail | QQ邮箱
redirect     jump2?\.bdimg\.com|tieba\.baidu\.com /safecheck Baidu Tieba | 百度贴吧
redirect     gitee\.com /link/?\? Gitee
redirect     steamcommunity\.com /linkfilter Steam
redirect     google\.[a-z.]{2,6} /url\? Google
redirect     lm?\.facebook\.com /l\.php Facebook
redirect     youtube\.com /redirect\? YouTube
redirect     t\.me /iv\? Telegram
redirect     [\w-]+\.safelinks\.protection\.outlook\.com /?\? Outlook
short        t\.cn|sina\.lt /\w Weibo | 微博
short        (?:w\.)?url\.cn /\w Tencent | 腾讯
short        dwz\.cn /\w Baidu | 百度
short        b23\.tv /\w Bilibili | 哔哩哔哩
short        (?:m\.)?tb\.cn /\w Taobao | 淘宝
short        3\.cn /\w JD | 京东
short        xhslink\.com /\w Xiaohongshu | 小红书
short        t\.co /\w X
short        goo\.gl /\w Google
short        (?:suo|mrw|985|c1n)\.(?:im|so|cn)|rrd\.me|urlify\.cn|reurl\.cc /\w Short links | 短链接
short        (?:bit|cutt|ow|rebrand|buff|t)\.ly|tinyurl\.com|tiny\.cc /\w Short links | 短链接
short        (?:is|v)\.gd|rb\.gy|s\.id|shorturl\.at|u\.(?:to|nu)|lnkd\.in /\w Short links | 短链接
save         (?:yun\.)?123(?:pan|\d{3})\.(?:com|cn) /s/|/b/s/ 123pan | 123云盘
save         [\w-]+\.share\.123pan\.cn / 123pan | 123云盘
app          (?:pan|yun|eyun)\.baidu\.com /s/|/share/|/e/ Baidu Netdisk | 百度网盘
app          (?:aliyundrive|alipan)\.com /s/|/t/ Aliyun Drive | 阿里云盘
app          pan\.quark\.cn /s/ Quark | 夸克网盘
app          (?:115|115cdn|anxia)\.com /s/|/lb/ 115 | 115网盘
app          pan\.xunlei\.com /s/ Xunlei | 迅雷云盘
app          (?:h5\.)?cloud\.189\.cn /t/|/web/share|/share China Telecom Cloud | 天翼云盘
app          (?:caiyun|yun)\.139\.com /m/i|/w/i|/link|/share China Mobile Cloud | 移动云盘
button       (?:[\w-]+\.)*(?:lanzou[a-z]?|lanzo[a-z]{1,2}|lanzn)\.com /\w Lanzou | 蓝奏云
app          (?:drive|fast)\.uc\.cn /s/ UC Drive | UC网盘
button       (?:.+\.)?(?:ctfile|545c|u062|ghpym)\.com /(?:f|d|file|dir)/ CTFile | 城通网盘
app          share\.weiyun\.com /\w Weiyun | 微云
button       (?:wenshushu\.cn|wss1\.cn|ws28\.cn|wss\.ink) /[fk]/ Wenshushu | 文叔叔
app          mypikpak\.(?:com|net) /s/ PikPak
button       jianguoyun\.com /p/ Nutstore | 坚果云
app          gu(?:ang|yang)yapan\.com /\w Guangya Drive | 光鸭云盘
button       docs\.qq\.com /(?:doc|sheet|slide|pdf|form)/ Tencent Docs | 腾讯文档
button       kdocs\.cn /l/|/p/ Kingsoft Docs | 金山文档
button       (?:[\w-]+\.)+feishu\.cn /(?:file|docx?|wiki|drive|sheets)/ Feishu | 飞书
button       drive\.google\.com /(?:file/d|drive|folders|open)\b Google Drive
button       docs\.google\.com /\w+/d/(?!.*/export\b)|/file/d/ Google Docs
button       1drv\.ms /\w OneDrive
button       onedrive\.live\.com /(?!download\b)(?!.*[?&]download=1) OneDrive
button       [\w-]+\.sharepoint\.(?:com|cn) /:\w:/(?!.*[?&]download=1) SharePoint
dl1          dropbox\.com /(?:s|sh|scl)/(?!.*[?&](?:dl|raw)=1) Dropbox
app          mega\.(?:co\.)?nz /(?:file/|folder/|embed/|#|$) MEGA
button       mediafire\.com /(?:file|folder|view|download)/|/\? MediaFire
button       (?:[\w-]+\.)?wetransfer\.com|we\.tl /(?:downloads/|t-) WeTransfer
button       (?:[\w-]+\.)*box\.com /(?:s|v|file|folder)/ Box
button       icloud\.com(?:\.cn)? /iclouddrive/|/photos/ iCloud Drive
button       disk\.yandex\.[a-z]{2,3}|yadi\.sk /[di]/ Yandex Disk
button       gofile\.io /d/ Gofile
raw          github\.com /[^/]+/[^/]+/(?:blob|tree)/(?!.*[?&]raw=) GitHub
repo         github\.com /[\w-]+(?:/[^/?]+(?:/releases(?:/tag.*|/latest)?)?)?/?(?:$|\?) GitHub
repo         github\.com /[^/]+/[^/]+/(?:issue|pull|discuss|wiki|commit|tags)[^.]*$ GitHub
raw          .* /.+/-/(?:blob|tree)/ GitLab
raw          gitee\.com /[^/]+/[^/]+/(?:blob|tree)/ Gitee
resolve      huggingface\.co|hf-mirror\.com /.+/(?:blob|tree)/ Hugging Face
repo         huggingface\.co|hf-mirror\.com /(?!api/|hfd/)[\w.-]+(?:/[^/?]+)?/?(?:$|\?) Hugging Face
repo         huggingface\.co|hf-mirror\.com /(?:datasets|spaces)/[^/]+/[^/]+/?(?:$|\?) Hugging Face
repo         huggingface\.co|hf-mirror\.com /(?:\w+/)?[^/]+/[^/]+/(?:discuss|commit)\w+ Hugging Face
button       modelscope\.(?:cn|ai) /(?:models|datasets)/[^?]+/(?:files?|summary) ModelScope
add_download sourceforge\.net /projects/(?!.*/download/?(?:$|\?)) SourceForge
button       archive\.org /details/ Internet Archive
video        (?:m\.)?bilibili\.com /(?:video|bangumi|read|opus) Bilibili | 哔哩哔哩
video        (?:m\.|music\.)?youtube\.com /(?:watch|shorts|playlist|live|embed|@) YouTube
video        youtu\.be /[\w-] YouTube
video        (?:v\.)?(?:ies)?douyin\.com /\w Douyin | 抖音
article      (?:zhuanlan\.)?zhihu\.com /(?:question|p|answer|people|zvideo)/ Zhihu | 知乎
article      mp\.weixin\.qq\.com /s WeChat articles | 微信公众号
article      (?:m\.|share\.)?weibo\.(?:com|cn) /\w Weibo | 微博
app          (?:t\.me|telegram\.me) /\w|/\+ Telegram
"""


def _page(line: str) -> SharePage:
    kind, host, rest, names = line.split(maxsplit=3)
    name, _, chinese = map(str.strip, names.partition("|"))
    return SharePage(kind, host, rest, name, chinese or name)


SHARE_PAGES = tuple(map(_page, _TABLE.strip().splitlines()))
_ANY_PAGE = "|".join(f"({page.host}) (?:{page.rest})" for page in SHARE_PAGES)
"""A pattern for host, blank and path, compiled when it is first used; one group for each page."""
_TARGET = r"(?i)[?&]\w+=(https?(?::|%3a)(?:/|%2f){2}[^/?&#]+?(?:/|%2f)[^?&#]+)(?=[&#]|$)"
"""A value that is a link with a path; an unencoded `?` in it would leave its end unclear."""


def share_page(url: str) -> SharePage | None:
    """Return which page `url` leads to, or None if it may be a file."""
    parts = split_url(url)
    if parts is None:
        return None
    host = parts.host.lower().rstrip(".").removeprefix("www.")
    found = re.match(_ANY_PAGE, f"{host} {parts.rest or '/'}", re.IGNORECASE)
    return SHARE_PAGES[found.lastindex - 1] if found and found.lastindex else None


def redirect_target(url: str) -> str:
    """Return the link that `url` redirects to; empty if it does not, or does not say clearly."""
    page = share_page(url)
    found = re.search(_TARGET, url) if page and page.doubt is Doubt.REDIRECT else None
    target = encode_link(unquote(found[1])) if found else ""
    return "" if check_url(target) else target
