# Two images of one file: the ACD (the default), and an Asterisk that runs its configuration.
#
#   docker build -t acd .
#   docker build -t acd-asterisk --target asterisk .
#   docker run --rm --read-only acd demo --simulated
#
# compose.yaml puts both to work; docs/deploy.md says how. scripts/image builds them and looks whether they do.
#
# Behind a proxy that signs TLS anew, or with base images of your own:
#   --build-arg EXTRA_CA="$(cat proxy-ca.pem)"         believed while packages are fetched, not kept in the image
#   --build-arg BASE_IMAGE=registry.example/python:3.11 any that has python3 (3.11 or later) with venv
#   --build-arg ASTERISK_BASE=…                         a Debian whose archive has Asterisk 22
#   --secret id=pip_conf,src=pip.conf                   an index of your own; not kept either
ARG BASE_IMAGE=python:3.11-slim-bookworm
ARG ASTERISK_BASE=debian:forky-slim


# ── the packages, each checked against the hash in the lock; wheels only, so nothing is compiled or run
FROM ${BASE_IMAGE} AS build
ARG EXTRA_CA=""
# The same sources give the same files: times of files and of compiled modules are not those of the build.
ARG SOURCE_DATE_EPOCH=0
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_NO_COMPILE=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python3 -m venv /opt/tools && python3 -m venv --without-pip /opt/acd
COPY requirements.txt ./
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    if [ -n "$(printenv EXTRA_CA)" ]; then \
        { cat "$(/opt/tools/bin/python -m pip._vendor.certifi)" || true; printenv EXTRA_CA; } > /tmp/ca.pem; \
        export PIP_CERT=/tmp/ca.pem; \
    fi; \
    /opt/tools/bin/pip --python /opt/acd/bin/python install --quiet \
        --require-hashes --only-binary :all: --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY acd ./acd
# The builder (setuptools) stands in the lock and leaves again. Modules are compiled once, here: the root is read-only.
RUN pip="/opt/tools/bin/pip --python /opt/acd/bin/python" \
    && $pip install --quiet --no-deps --no-index --no-build-isolation . \
    && $pip uninstall --quiet --yes setuptools \
    && find /opt/acd -name __pycache__ -prune -exec rm -r {} + \
    && /opt/acd/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/acd/lib \
    && find /opt/acd -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +


# ── Asterisk; its configuration (config/asterisk) is mounted over /etc/asterisk
FROM ${ASTERISK_BASE} AS asterisk
LABEL org.opencontainers.image.title="acd-asterisk" \
      org.opencontainers.image.description="Asterisk for the configuration of the ACD" \
      org.opencontainers.image.licenses="GPL-2.0-only"
# The number of the user is ours, so that files outside can be given to it.
RUN groupadd --system --gid 10002 asterisk \
    && useradd --system --uid 10002 --gid 10002 --home-dir /var/lib/asterisk --shell /usr/sbin/nologin asterisk \
    && apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        asterisk asterisk-core-sounds-it asterisk-core-sounds-it-wav asterisk-moh-opsound-wav \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/* /etc/asterisk/* \
    && install -d -o asterisk -g asterisk /run/asterisk /var/lib/asterisk /var/log/asterisk /var/spool/asterisk
USER 10002:10002
WORKDIR /var/lib/asterisk
VOLUME ["/var/lib/asterisk", "/var/log/asterisk", "/var/spool/asterisk"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["asterisk", "-rx", "core waitfullybooted"]
ENTRYPOINT ["asterisk", "-f"]


# ── the ACD
FROM ${BASE_IMAGE} AS acd
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="acd" \
      org.opencontainers.image.description="An automatic call distributor beside Asterisk" \
      org.opencontainers.image.licenses="EUPL-1.2" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN echo 'acd:x:10001:10001::/var/lib/acd:/usr/sbin/nologin' >> /etc/passwd \
    && echo 'acd:x:10001:' >> /etc/group \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/acd /run/acd
COPY --from=build /opt/acd /opt/acd
COPY config/acd.installed.yaml /etc/acd/acd.yaml
COPY config/fallback.yaml /etc/acd/fallback.yaml
COPY config/privacy.yaml /etc/acd/privacy.yaml
COPY config/goals.yaml /etc/acd/goals.yaml
COPY routing_rules /etc/acd/routing_rules
ENV PATH=/opt/acd/bin:$PATH ACD_CONFIG=/etc/acd/acd.yaml PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1
WORKDIR /etc/acd
USER 10001:10001
VOLUME /var/lib/acd
EXPOSE 8088 9188
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["acd", "healthcheck"]
ENTRYPOINT ["acd"]
CMD ["serve"]
