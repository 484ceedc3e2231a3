# Every process of Keyturn from one image; what runs is the command. `docker build .`, or docker-compose.yml.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json vitest.config.ts ./
COPY apps ./apps
COPY workflows ./workflows
COPY activities ./activities
COPY libs ./libs
COPY tools ./tools
COPY test ./test
RUN npm run build && rm -rf dist/test && npm prune --omit=dev

FROM node:24.21.0-bookworm-slim AS keyturn
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY examples ./examples
# Volumes take the owner of the folders that they are laid over.
RUN mkdir /simulator && chown node:node /simulator
USER node
CMD ["node", "dist/apps/api/main.js"]
