"""Links to pages that show or share a file, and links of the same services to files."""

import pytest

from pan123_tui.domain.links.share_pages import share_page

PAGES = [
    ("https://www.123pan.com/s/AbC-dEf.html", "123云盘"),
    ("https://www.123684.com/s/AbC-dEf", "123云盘"),
    ("https://pan.baidu.com/s/1AbC?pwd=x1y2", "百度网盘"),
    ("https://pan.baidu.com/share/init?surl=AbC", "百度网盘"),
    ("https://www.aliyundrive.com/s/AbC", "阿里云盘"),
    ("https://pan.quark.cn/s/0123456789ab#/list/share", "夸克网盘"),
    ("https://115.com/s/sw123?password=ab12", "115"),
    ("https://pan.xunlei.com/s/VNabc", "迅雷云盘"),
    ("https://cloud.189.cn/t/AbC123", "天翼云盘"),
    ("https://cloud.189.cn/web/share?code=AbC", "天翼云盘"),
    ("https://caiyun.139.com/m/i?0A1b2C", "移动云盘"),
    ("https://yun.139.com/shareweb/#/w/i/0A1b2C", "移动云盘"),
    ("https://wwi.lanzoup.com/iAbC", "蓝奏云"),
    ("https://drive.uc.cn/s/0123456789ab", "UC网盘"),
    ("https://url66.ctfile.com/f/123-456-abc", "城通网盘"),
    ("https://share.weiyun.com/AbCdE", "微云"),
    ("https://www.wenshushu.cn/f/abc", "文叔叔"),
    ("https://docs.google.com/document/d/1AbC/edit", "Google Docs"),
    ("https://drive.google.com/drive/folders/1AbC", "Google Drive"),
    ("https://drive.google.com/file/d/1AbC/view?usp=sharing", "Google Drive"),
    ("https://1drv.ms/u/s!AbC", "OneDrive"),
    ("https://contoso-my.sharepoint.com/:u:/g/personal/x/AbC?e=1", "SharePoint"),
    ("https://www.dropbox.com/scl/fi/abc/a.zip?rlkey=x&dl=0", "Dropbox"),
    ("https://mega.nz/file/AbC#key", "MEGA"),
    ("https://www.mediafire.com/file/abc/a.zip/file", "MediaFire"),
    ("https://we.tl/t-AbC", "WeTransfer"),
    ("https://github.com/o/r", "GitHub"),
    ("https://github.com/o/r/releases/tag/v1", "GitHub"),
    ("https://gitlab.example.org/o/r/-/blob/main/a.zip", "GitLab"),
    ("https://huggingface.co/o/m/blob/main/model.safetensors", "Hugging Face"),
    ("https://sourceforge.net/projects/p/files/a.zip", "SourceForge"),
    ("https://b23.tv/AbCdEfG", "哔哩哔哩"),
    ("https://youtu.be/abc", "YouTube"),
    ("https://www.youtube.com/watch?v=abc", "YouTube"),
    ("https://docs.qq.com/sheet/DAbC", "腾讯文档"),
    ("https://www.kdocs.cn/l/cAbC", "金山文档"),
    ("https://o.feishu.cn/docx/AbC", "飞书"),
    ("https://zhuanlan.zhihu.com/p/123", "知乎"),
    ("https://mp.weixin.qq.com/s/AbC", "微信公众号"),
    ("https://m.weibo.cn/status/123", "微博"),
    ("https://t.me/channel/123", "Telegram"),
]
FILES = [
    "https://vip.123pan.cn/1234567/a.zip",
    "https://d.pcs.baidu.com/file/abc?fid=1",
    "https://bj29.cn-beijing.data.alicloudccp.com/abc?x=1",
    "https://drive.usercontent.google.com/download?id=1AbC&export=download",
    "https://drive.google.com/uc?export=download&id=1AbC",
    "https://docs.google.com/spreadsheets/d/1AbC/export?format=xlsx",
    "https://onedrive.live.com/download?cid=1",
    "https://contoso.sharepoint.com/:u:/g/x/AbC?download=1",
    "https://dl.dropboxusercontent.com/s/abc/a.zip",
    "https://www.dropbox.com/s/abc/a.zip?raw=1",
    "https://download123.mediafire.com/abc/a.zip",
    "https://github.com/o/r/archive/refs/tags/v1.tar.gz",
    "https://github.com/o/r/blob/main/a.zip?raw=true",
    "https://github.com/o/r/raw/main/a.zip",
    "https://raw.githubusercontent.com/o/r/main/a.zip",
    "https://gitlab.com/o/r/-/raw/main/a.zip",
    "https://huggingface.co/o/m/resolve/main/model.safetensors",
    "https://sourceforge.net/projects/p/files/a.zip/download",
    "https://archive.org/download/item/a.zip",
    "https://notgithub.com/o/r",
    "https://example.org/s/1AbC",
]


@pytest.mark.parametrize(("link", "service"), PAGES)
def test_a_page_is_known_by_host_and_path(link: str, service: str) -> None:
    page = share_page(link)
    assert page is not None
    assert page.service_zh == service
    assert page.service.isascii()


@pytest.mark.parametrize("link", FILES)
def test_a_file_of_the_same_services_is_no_page(link: str) -> None:
    assert share_page(link) is None


@pytest.mark.parametrize(
    ("page", "advice", "file"),
    [
        ("//www.dropbox.com/s/abc/a.zip?dl=0", "change dl=0 to dl=1", "/s/abc/a.zip?dl=1"),
        ("//github.com/o/r/blob/main/a.zip", "change blob to raw", "/o/r/raw/main/a.zip"),
        ("//gitlab.com/o/r/-/blob/main/a.zip", "change blob to raw", "/o/r/-/raw/main/a.zip"),
        ("//gitee.com/o/r/blob/main/a.zip", "change blob to raw", "/o/r/raw/main/a.zip"),
        ("//huggingface.co/o/m/blob/main/a", "change blob to resolve", "/o/m/resolve/main/a"),
        ("//sourceforge.net/projects/p/files/a", "add /download", "/projects/p/files/a/download"),
    ],
)
def test_who_follows_the_advice_on_the_link_gets_the_file(
    page: str, advice: str, file: str
) -> None:
    known = share_page(f"https:{page}")
    assert known is not None
    assert known.advice.startswith(advice)
    assert share_page(f"https://{page.split('/')[2]}{file}") is None
