# escape=`
ARG BASE
FROM mcr.microsoft.com/windows/servercore:ltsc2019 AS build
RUN powershell -Command `
    Invoke-WebRequest https://example.com/node-10.exe
FROM python:3.8 `
  AS run
COPY --from=build C:\app\ C:\app\
FROM $BASE
