# The ACD alone: Asterisk runs beside it, with config/asterisk/ included in its own configuration.
#   docker build -t acd .
#   docker run --network host -v /etc/acd:/etc/acd:ro -e ACD_AMI_SECRET -e ACD_API_TOKEN acd
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/acd
COPY requirements.txt ./
RUN /opt/acd/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY acd ./acd
RUN /opt/acd/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --system --uid 10001 acd
COPY --from=build /opt/acd /opt/acd
COPY routing_rules /etc/acd/routing_rules
COPY config/acd.yaml /etc/acd/config/acd.yaml
ENV PATH=/opt/acd/bin:$PATH ACD_CONFIG=/etc/acd/config/acd.yaml PYTHONDONTWRITEBYTECODE=1
USER acd
HEALTHCHECK --interval=10s --timeout=3s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8088/livez', timeout=2)"]
CMD ["acd", "serve"]
