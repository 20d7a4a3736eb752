# The engine in the foreground; `docker exec -it pan123 pan123-tui` opens its dashboard.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE styles.tcss ./
COPY pan123_tui pan123_tui
RUN python -m venv /app && /app/bin/pip install --no-cache-dir '.[push]'

FROM python:3.13-slim
COPY --from=build /app /app
# Any user may write there, so that `--user` needs no chown; the folders inside are private.
RUN useradd --uid 1000 --no-create-home --home-dir /keep pan123 && install -d -m 1777 /keep
ENV PATH="/app/bin:$PATH" HOME=/keep LANG=C.UTF-8 COLORTERM=truecolor PYTHONDONTWRITEBYTECODE=1
ENV PAN123_CONFIG_DIR=/keep/config PAN123_DATA_DIR=/keep/data
VOLUME /keep
USER 1000:1000
HEALTHCHECK --interval=30s --timeout=20s --start-period=20s CMD ["pan123-tui", "status"]
CMD ["pan123-tui", "watch", "--wait-for-login"]
