// The reservation service. It needs postgres 12.
module github.com/acme/reservations

go 1.21

toolchain go1.21.13

require (
	github.com/gin-gonic/gin v1.9.1
	github.com/acme/shared v0.3.0
	gopkg.in/yaml.v2 v2.4.0 // indirect
	k8s.io/client-go v0.26.3
	github.com/docker/docker v20.10.24+incompatible
)

require golang.org/x/net v0.0.0-20220127200216-cd36cc0744dd // indirect

replace github.com/acme/shared => ../shared

replace k8s.io/client-go v0.26.3 => k8s.io/client-go v0.25.0

exclude github.com/gin-gonic/gin v1.7.0

retract (
	v1.0.0 // Published by accident.
	[v1.1.0, v1.2.0]
)
