FROM node:26-slim AS run
COPY . .
