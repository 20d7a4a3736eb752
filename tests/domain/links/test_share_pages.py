"""Links to pages that show or share a file, and links of the same services to files."""

import pytest

from pan123_tui.domain.links.share_pages import redirect_target, share_page

PAGES = """
123云盘: www.123pan.com/s/AbC-dEf.html www.123684.com/s/AbC-dEf
百度网盘: pan.baidu.com/s/1AbC?pwd=x1y2 pan.baidu.com/share/init?surl=AbC
阿里云盘: www.aliyundrive.com/s/AbC
夸克网盘: pan.quark.cn/s/0123456789ab#/list/share
115网盘: 115.com/s/sw123?password=ab12
迅雷云盘: pan.xunlei.com/s/VNabc
天翼云盘: cloud.189.cn/t/AbC123 cloud.189.cn/web/share?code=AbC
移动云盘: caiyun.139.com/m/i?0A1b2C yun.139.com/shareweb/#/w/i/0A1b2C
蓝奏云: wwi.lanzoup.com/iAbC
UC网盘: drive.uc.cn/s/0123456789ab
城通网盘: url66.ctfile.com/f/123-456-abc
微云: share.weiyun.com/AbCdE
文叔叔: www.wenshushu.cn/f/abc
Google Docs: docs.google.com/document/d/1AbC/edit
Google Drive: drive.google.com/drive/folders/1AbC drive.google.com/file/d/1AbC/view?usp=sharing
OneDrive: 1drv.ms/u/s!AbC onedrive.live.com/?id=1
SharePoint: contoso-my.sharepoint.com/:u:/g/personal/x/AbC?e=1
Dropbox: www.dropbox.com/scl/fi/abc/a.zip?rlkey=x&dl=0
MEGA: mega.nz/file/AbC#key
MediaFire: www.mediafire.com/file/abc/a.zip/file
WeTransfer: we.tl/t-AbC
GitHub: github.com/o/r github.com/o/r/releases/tag/v1 github.com/o github.com/o/r/releases?page=2
GitHub: github.com/o/r/issues/4 github.com/o/r/pull/4/files github.com/o/r/wiki
GitLab: gitlab.example.org/o/r/-/blob/main/a.zip
Hugging Face: huggingface.co/o/m/blob/main/model.safetensors huggingface.co/o/m-2.5
Hugging Face: huggingface.co/datasets/o/d huggingface.co/spaces/o/s huggingface.co/datasets/d
Hugging Face: hf-mirror.com/o/m/discussions/3 hf-mirror.com/datasets/o/d/commits/main
SourceForge: sourceforge.net/projects/p/files/a.zip
哔哩哔哩: b23.tv/AbCdEfG
YouTube: youtu.be/abc www.youtube.com/watch?v=abc
YouTube: www.youtube.com/redirect?event=video&q=https%3A%2F%2Fa.b%2Fc
腾讯文档: docs.qq.com/sheet/DAbC
金山文档: www.kdocs.cn/l/cAbC
飞书: o.feishu.cn/docx/AbC
知乎: zhuanlan.zhihu.com/p/123 link.zhihu.com/?target=https%3A//a.b/c link.zhihu.com?target=x
微信公众号: mp.weixin.qq.com/s/AbC
微博: m.weibo.cn/status/123 weibo.cn/sinaurl?f=w&u=http%3A%2F%2Ft.cn%2F8abc
Telegram: t.me/channel/123 t.me/iv?url=https%3A%2F%2Fa.b%2Fc&rhash=0
Box: app.box.com/s/abc
iCloud Drive: www.icloud.com/iclouddrive/0a
Yandex Disk: disk.yandex.ru/d/abc yadi.sk/i/abc
Gofile: gofile.io/d/abc
Gitee: gitee.com/o/r/blob/main/a.zip gitee.com/link?target=https%3A%2F%2Fa.b%2Fc
ModelScope: modelscope.cn/models/o/m/files
Internet Archive: archive.org/details/item
抖音: v.douyin.com/abc
CSDN: link.csdn.net/?target=https%3A%2F%2Fa.b%2Fc
掘金: link.juejin.cn?target=https%3A%2F%2Fa.b%2Fc
简书: link.jianshu.com?t=https://a.b/c www.jianshu.com/go-wild?ac=2&url=https%3A%2F%2Fa.b
豆瓣: www.douban.com/link2/?url=https%3A%2F%2Fa.b%2Fc&query=x
QQ: c.pc.qq.com/middlem.html?pfurl=https%3A%2F%2Fa.b%2Fc c.pc.qq.com/ios.html?url=x
QQ邮箱: mail.qq.com/cgi-bin/readtemplate?gourl=x wx.mail.qq.com/xmspamcheck/xmsafejump?url=x
百度贴吧: jump.bdimg.com/safecheck/index?url=x tieba.baidu.com/safecheck/index?url=x
Steam: steamcommunity.com/linkfilter/?u=https%3A%2F%2Fa.b steamcommunity.com/linkfilter/?url=x
Google: www.google.com/url?q=https%3A%2F%2Fa.b%2Fc&sa=D www.google.com.hk/url?sa=t&url=x
Facebook: l.facebook.com/l.php?u=https%3A%2F%2Fa.b%2Fc&h=AT0 lm.facebook.com/l.php?u=x
Outlook: eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.b%2Fc&data=05
"""
"""A service, and links to its pages."""
FILES = """
vip.123pan.cn/1234567/a.zip d.pcs.baidu.com/file/abc?fid=1
bj29.cn-beijing.data.alicloudccp.com/abc?x=1
drive.usercontent.google.com/download?id=1AbC&export=download
drive.google.com/uc?export=download&id=1AbC docs.google.com/spreadsheets/d/1AbC/export?format=xlsx
onedrive.live.com/download?cid=1 contoso.sharepoint.com/:u:/g/x/AbC?download=1
dl.dropboxusercontent.com/s/abc/a.zip www.dropbox.com/s/abc/a.zip?raw=1
download123.mediafire.com/abc/a.zip github.com/o/r/archive/refs/tags/v1.tar.gz
github.com/o/r/releases/download/tags/a.zip github.com/o/r/tarball/refs/tags/v1 github.com/a.png
github.com/o/r/releases/latest/download/a.zip github.com/o/r/pull/4.diff
huggingface.co/datasets/o/d/resolve/main/commits/a hf-mirror.com/hfd/hfd.sh
huggingface.co/api/models github.com/o/r/commit/0a1b.patch
github.com/o/r/blob/main/a.zip?raw=true github.com/o/r/raw/main/a.zip
raw.githubusercontent.com/o/r/main/a.zip gitlab.com/o/r/-/raw/main/a.zip
huggingface.co/o/m/resolve/main/model.safetensors sourceforge.net/projects/p/files/a.zip/download
archive.org/download/item/a.zip notgithub.com/o/r example.org/s/1AbC
example.org/get?url=https%3A%2F%2Fa.b%2Fc img.jianshu.com/a.zip
gitee.com/o/r/releases/download/v1/a.zip dl.google.com/url/a.zip
"""
"""Links to files of the same services, and others."""


@pytest.mark.parametrize("line", PAGES.split("\n")[1:-1])
def test_a_page_is_known_by_host_and_path(line: str) -> None:
    service, _, links = line.partition(": ")
    for page in (share_page(f"https://{link}") for link in links.split()):
        assert page is not None
        assert (page.service_zh, page.service.isascii()) == (service, True)


@pytest.mark.parametrize("link", FILES.split())
def test_a_file_is_no_page(link: str) -> None:
    assert share_page(f"https://{link}") is None


@pytest.mark.parametrize(
    ("page", "kind", "file"),
    [
        ("//www.dropbox.com/s/abc/a.zip?dl=0", "dl1", "/s/abc/a.zip?dl=1"),
        ("//github.com/o/r/blob/main/a.zip", "raw", "/o/r/raw/main/a.zip"),
        ("//gitlab.com/o/r/-/blob/main/a.zip", "raw", "/o/r/-/raw/main/a.zip"),
        ("//gitee.com/o/r/blob/main/a.zip", "raw", "/o/r/raw/main/a.zip"),
        ("//huggingface.co/o/m/blob/main/a", "resolve", "/o/m/resolve/main/a"),
        ("//sourceforge.net/projects/p/files/a", "add_download", "/projects/p/files/a/download"),
    ],
)
def test_who_follows_the_advice_gets_the_file(page: str, kind: str, file: str) -> None:
    known = share_page(f"https:{page}")
    assert known is not None
    assert known.kind == kind
    assert share_page(f"https://{page.split('/')[2]}{file}") is None


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("link.zhihu.com/?target=https%3A//a.b/c.pdf", "https://a.b/c.pdf"),
        ("www.google.com/url?sa=D&q=https%3A%2F%2Fa.b%3A81%2Fk.zip&x=1", "https://a.b:81/k.zip"),
        (
            "link.csdn.net/?target=https%3a%2f%2fa.b%2fc%3fsign%3dx%252By%26t%3d1#z",
            "https://a.b/c?sign=x%2By&t=1",
        ),
        ("l.facebook.com/l.php?u=https://a.b/c.zip&h=AT0", "https://a.b/c.zip"),
        (
            "link.juejin.cn?target=https%3A%2F%2Fa.b%2F%E7%94%B5%20%E5%BD%B1.mp4",
            "https://a.b/电%20影.mp4",
        ),
        *(
            (link, "")
            for link in [
                "steamcommunity.com/linkfilter/?u=https://a.b/c?sign=x&t=1",
                "link.zhihu.com/?target=https%3A//a.b",
                "link.zhihu.com/?target=https%3A//a.b/%B5%E7.mp4",
                "link.zhihu.com/?target=https%3A//a..b/c.zip",
                "link.zhihu.com/?target=abc",
                "example.org/get?url=https%3A%2F%2Fa.b%2Fc",
                "pan.baidu.com/s/1AbC?url=https%3A%2F%2Fa.b%2Fc",
            ]
        ),
    ],
)
def test_a_redirect_names_the_link_inside_if_that_is_whole(link: str, target: str) -> None:
    assert redirect_target(f"https://{link}") == target
