FROM golang:1.20
