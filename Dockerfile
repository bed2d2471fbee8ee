# Web, worker and schedule of the planner; which one a container is, its command says (docker-compose.yml).
FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt .
# Wheels only: nothing is compiled, nothing runs at installation.
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --only-binary :all: --require-hashes -r requirements.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=planner.config.settings.production \
    STATIC_ROOT=/app/static \
    DATA_DIR=/data \
    PORT=8000
RUN useradd --system --uid 10001 --create-home planner && install -d -o planner -g planner /app /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY --chown=planner:planner manage.py ./
COPY --chown=planner:planner planner planner
COPY --chown=planner:planner regions regions
USER planner
RUN SECRET_KEY=only-for-collecting ALLOWED_HOSTS=localhost python manage.py collectstatic --no-input --verbosity 0
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "planner.config.healthcheck", "web"]
CMD ["gunicorn", "--config", "python:planner.config.gunicorn"]
