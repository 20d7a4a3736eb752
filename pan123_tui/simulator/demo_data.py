"""The demo's tasks: each link with its age and script. The hosts are reserved examples."""

from dataclasses import dataclass

from pan123_tui.simulator.scenarios import Keyframe, Script, Status

_MIN, _H, _DAY = 60.0, 3600.0, 86400.0
_GB, _MB = 2**30, 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceTask:
    """A task that the service has."""

    url: str
    age_s: float
    """Seconds since it was sent."""
    script: Script
    name: str = ""
    folder: str = ""
    """Empty: the service's default folder."""
    size: int = 700 * _MB
    fail_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientTask:
    """A task that only the client has."""

    url: str
    state: str
    """queued, rejected or unconfirmed."""
    age_s: float
    name: str = ""
    folder: str = ""


def _done(seconds: float) -> Script:
    return Script(
        (Keyframe(0, 0), Keyframe(seconds, 100), Keyframe(seconds, 100, Status.SUCCEEDED))
    )


def _fails(seconds: float, percent: float) -> Script:
    return Script((Keyframe(0, 0), Keyframe(seconds, percent), Keyframe(seconds, 0, Status.FAILED)))


def _through(*keys: tuple[float, float] | tuple[float, float, int], end: float) -> Script:
    """Return a script through `keys`, then to success at `end`."""
    frames = (Keyframe(0, 0), *(Keyframe(*key) for key in keys))
    return Script((*frames, Keyframe(end, 100), Keyframe(end, 100, Status.SUCCEEDED)))


SERVICE_TASKS = (
    # Finished.
    ServiceTask(
        url="https://mirror.example.org/books/%E4%B8%89%E4%BD%93%E5%85%A8%E9%9B%86.epub",
        name="三体全集.epub",
        age_s=3 * _DAY,
        script=_done(40),
        size=4 * _MB,
    ),
    ServiceTask(
        url="https://cdn.example.com/music/flac/bach-cello-suites.zip",
        folder="音乐 🎧",
        age_s=1 * _DAY + 2 * _H,
        script=_done(11 * _MIN),
        size=1 * _GB,
    ),
    ServiceTask(
        url="https://files.example.net/share/%E8%B5%84%E6%96%99.rar?sign=9f2c&t=1735689600",
        name="考研数学资料合集.rar",
        age_s=22 * _H,
        script=_fails(3 * _MIN, 12.4),
        fail_reason="源站返回403，链接可能已过期",
    ),
    ServiceTask(
        url="https://drive.example.com/d/7c1e/backup-2021.tar.zst",
        age_s=9 * _H,
        script=Script((Keyframe(0, 0), Keyframe(5 * _H, 58)), forgotten_at=4 * _H),
    ),
    ServiceTask(
        url="https://mirror.example.org/archlinux/archlinux-2025.11.01-x86_64.iso",
        folder="系统镜像",
        age_s=5 * _H,
        script=_done(8 * _MIN),
        size=1400 * _MB,
    ),
    ServiceTask(
        url="http://old.example.net/pub/404/winamp295.exe",
        age_s=47 * _MIN,
        script=_fails(50, 0),
        fail_reason="源站返回404，文件不存在",
    ),
    ServiceTask(
        url="https://cdn.example.com/anime/%5BSubsPlease%5D%20Frieren%20-%2028%20(1080p).mkv",
        name="[SubsPlease] Frieren - 28 (1080p) [E61FCF96].mkv",
        folder="动画",
        age_s=31 * _MIN,
        script=_done(27 * _MIN),
        size=1400 * _MB,
    ),
    # Running, the longest first.
    ServiceTask(
        url="https://data.example.org/commoncrawl/CC-MAIN-2025-43.warc.paths.tar",
        folder="Datasets",
        age_s=2 * _H,
        script=_done(5 * _H),
        size=118 * _GB,
    ),
    ServiceTask(
        url="https://mirror.example.org/fedora/Fedora-Workstation-Live-43-1.6.x86_64.iso",
        folder="系统镜像",
        age_s=58 * _MIN,
        script=Script((Keyframe(0, 0), Keyframe(21 * _MIN, 47.31))),
    ),
    ServiceTask(
        url="https://video.example.com/bbc/blue-planet-2/e03.mkv?token=eyJhbGciOi&expires=1767200000",
        name="纪录片《蓝色星球》第二季 第3集 珊瑚礁 国英双语 内封简繁英字幕 "
        "(Blue.Planet.II.S01E03.Coral.Reefs.2160p.UHD.BluRay.x265.10bit.HDR-EXAMPLE).mkv",
        folder="纪录片",
        age_s=34 * _MIN,
        script=_done(48 * _MIN),
        size=14 * _GB,
    ),
    ServiceTask(
        url="https://cdn.example.com/releases/ubuntu-25.10-desktop-amd64.iso",
        folder="系统镜像",
        age_s=26 * _MIN,
        script=_through((20 * _MIN, 41), (29 * _MIN, 64), (29 * _MIN, 22), end=72 * _MIN),
        size=5600 * _MB,
    ),
    ServiceTask(
        url="https://photos.example.net/export/2019-spring-festival.zip",
        name="老照片备份-2019年春节🧧全家福.zip",
        folder="2019",
        age_s=12 * _MIN,
        script=_done(37 * _MIN),
        size=9 * _GB,
    ),
    ServiceTask(
        url="https://open.example.com/course/linear-algebra/lecture-12.mp4",
        name="线性代数公开课 第12讲.mp4",
        folder="公开课",
        age_s=14 * _MIN,
        script=_through(
            (6 * _MIN, 38),
            (6 * _MIN, 38, Status.RETRYING),
            (7 * _MIN, 38, Status.RETRYING),
            (7 * _MIN, 30),
            (13 * _MIN, 61),
            (13 * _MIN, 61, Status.RETRYING),
            (16 * _MIN, 61, Status.RETRYING),
            (16 * _MIN, 55),
            end=25 * _MIN,
        ),
    ),
    ServiceTask(
        url="https://cdn.example.com/llm/qwen3-8b-instruct-q4_k_m.gguf",
        folder="Datasets",
        age_s=16 * _MIN,
        script=_through((9 * _MIN, 100), (23 * _MIN, 100), end=23 * _MIN),
        size=5 * _GB,
    ),
    ServiceTask(
        url="http://slow.example.org/stream?id=88231",
        name="城市夜景 延时摄影 raw.mov",
        folder="影视",
        age_s=7 * _MIN,
        script=Script(
            (Keyframe(0, 0), Keyframe(16 * _MIN, 0), Keyframe(16 * _MIN, 100, Status.SUCCEEDED))
        ),
    ),
    ServiceTask(
        url="https://files.example.net/share/5d41402a/game-assets-v2.7z?sign=c4ca4238a0b9",
        age_s=6 * _MIN,
        script=_fails(9 * _MIN, 83.6),
        fail_reason="源站返回403，链接可能已过期",
    ),
    ServiceTask(
        url="https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso",
        folder="系统镜像",
        age_s=9 * _MIN,
        script=_done(9 * _MIN + 40),
        size=3800 * _MB,
    ),
    ServiceTask(
        url="https://cdn.example.com/tools/ffmpeg-8.0-full_build.7z",
        age_s=80,
        script=_through((60, 35), (60, 35, 13), (6 * _MIN, 70, 13), (6 * _MIN, 70), end=9 * _MIN),
    ),
    ServiceTask(
        url="https://open.example.com/papers/attention-is-all-you-need.pdf",
        age_s=8,
        script=_done(20),
        size=2 * _MB,
    ),
    ServiceTask(
        url="https://cdn.example.com/fonts/%E6%80%9D%E6%BA%90%E9%BB%91%E4%BD%93.zip",
        name="思源黑体 全字重.zip",
        age_s=30,
        script=_done(2.5 * _MIN),
        size=180 * _MB,
    ),
)
"""What the service has, roughly oldest first."""

CLIENT_TASKS = (
    ClientTask(
        url="https://pan.example.com/s/1aBcDeFg?pwd=8k2m",
        state="rejected",
        age_s=52 * _MIN,
    ),
    ClientTask(
        url="https://cdn.example.com/video/%E9%9B%AA%E5%B1%B1.mp4",
        name="雪山航拍 8K.mp4",
        folder="影视",
        state="unconfirmed",
        age_s=18 * _MIN,
    ),
    ClientTask(
        url="https://cdn.example.com/podcasts/night-talk-ep101.mp3", state="queued", age_s=3
    ),
    ClientTask(
        url="https://cdn.example.com/podcasts/night-talk-ep102.mp3", state="queued", age_s=3
    ),
    ClientTask(
        url="https://cdn.example.com/podcasts/3min/%E7%95%AA%E5%A4%96%E7%AF%87.mp3",
        name="夜谈 番外篇.mp3",
        folder="音乐 🎧",
        state="queued",
        age_s=3,
    ),
)
"""What only the client has."""
