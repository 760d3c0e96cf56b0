FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/ActorBroker.Server -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
RUN mkdir -p /var/lib/actorbroker && chown $APP_UID /var/lib/actorbroker
USER $APP_UID
VOLUME /var/lib/actorbroker
EXPOSE 5672
ENTRYPOINT ["dotnet", "ActorBroker.Server.dll", "--data", "/var/lib/actorbroker", "--listen", "*:5672"]
