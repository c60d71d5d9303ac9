import org.jetbrains.kotlin.gradle.tasks.KotlinCompile

plugins {
    kotlin("jvm") version "1.9.0"
    id("org.springframework.boot") version "3.0.13"
    kotlin("plugin.spring") version libs.versions.kotlin.get()
    alias(libs.plugins.detekt)
}

extra["springCloudVersion"] = "2022.0.4"
val ktor = "2.3.3"

repositories {
    maven { url = uri("https://repo.example.org/releases:8443:1.0") }
}

dependencies {
    implementation("io.ktor:ktor-server-core:$ktor")
    implementation("io.ktor:ktor-network:$ktorVersion")
    testImplementation(kotlin("test"))
    api(group = "com.google.guava", name = "guava", version = "31.1-jre")
    kapt("com.google.dagger:dagger-compiler:2.44@jar")
}

dependencyManagement {
    imports {
        mavenBom("org.springframework.cloud:spring-cloud-dependencies:${property("springCloudVersion")}")
    }
}

kotlin { jvmToolchain(11) }
